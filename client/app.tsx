/** Providers, frame and pages. Each page is a chunk of its own. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { lazy, type ReactNode } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { LanguageProvider } from './i18n/language.tsx';
import { PersonProvider } from './session/person.tsx';
import type { SessionStore } from './session/session.ts';
import { colorSchemeManager } from './shell/color-scheme.ts';
import { Frame } from './shell/frame.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { cssVariablesResolver, theme } from './theme/theme.ts';

const StartPage = lazy(() => import('./start/start-page.tsx'));
const BoardPage = lazy(() => import('./board/board-page.tsx'));
const BookPage = lazy(() => import('./booking/book-page.tsx'));
const AppointmentsPage = lazy(() => import('./appointments/appointments-page.tsx'));
const OperationsPage = lazy(() => import('./operations/operations-page.tsx'));
const ConnectedPage = lazy(() => import('./connected/connected-page.tsx'));

export function App({ store }: { store: SessionStore }): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <LanguageProvider>
        <PersonProvider store={store}>
          <BrowserRouter>
            <Routes>
              <Route element={<Frame />}>
                <Route index element={<StartPage />} />
                <Route path="board" element={<BoardPage />} />
                <Route path="book" element={<BookPage />} />
                <Route path="appointments" element={<AppointmentsPage />} />
                <Route path="operations" element={<OperationsPage />} />
                <Route path="connected" element={<ConnectedPage />} />
                <Route path="*" element={<NotFoundPage />} />
              </Route>
            </Routes>
          </BrowserRouter>
        </PersonProvider>
        <Notifications position="bottom-center" limit={4} containerWidth={440} />
      </LanguageProvider>
    </MantineProvider>
  );
}

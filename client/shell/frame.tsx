/** What surrounds every page: header with the clinic, navigation, the person; the page; and its errors. */
import { ActionIcon, Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconActivity,
  IconCalendarPlus,
  IconCheck,
  IconChevronDown,
  IconLanguage,
  IconLayoutColumns,
  IconLogout,
  IconMoon,
  IconSun,
  IconTicket,
  IconUsers,
} from '@tabler/icons-react';
import { type ReactNode, Suspense } from 'react';
import { Link, NavLink, Outlet, useLocation } from 'react-router';
import { languages, useLanguage, useText } from '../i18n/language.tsx';
import { usePerson } from '../session/person.tsx';
import { isStaff, mayBook, seesAppointments, useFrame, type Viewer } from '../session/use-viewer.ts';
import { PageBoundary } from './page-boundary.tsx';
import { PageLoading } from './page-states.tsx';
import classes from './frame.module.css';

export function Frame(): ReactNode {
  const text = useText();
  const { viewer, clinic } = useFrame();
  const { pathname } = useLocation();
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        {text.frame.skip}
      </a>
      <header className={classes.header}>
        <Link to="/" className={classes.brand}>
          <img src="/mark.svg" alt="" width={26} height={26} />
          <span className={classes.clinic}>{clinic?.name ?? 'Fintan Gateway'}</span>
        </Link>
        <Navigation viewer={viewer} className={classes.navigation} />
        <div className={classes.tools}>
          <LanguageMenu />
          <SchemeSwitch />
          <PersonMenu viewer={viewer} sandbox={clinic?.sandbox ?? false} />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        <PageBoundary key={pathname}>
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </PageBoundary>
      </main>
      <Navigation viewer={viewer} className={classes.tabs} />
    </div>
  );
}

/** Once in the header, once as tabs at the foot of a narrow screen; styles show one of them, so only one is ever read out. */
function Navigation({ viewer, className }: { viewer: Viewer | null; className: string | undefined }): ReactNode {
  const text = useText();
  const staff = viewer !== null && isStaff(viewer);
  return (
    <nav aria-label={text.frame.navigation} className={className}>
      {(viewer === null || (staff && seesAppointments(viewer))) && (
        <NavLink to="/board" className={classes.link}>
          <IconLayoutColumns size={18} stroke={1.75} aria-hidden />
          {text.frame.board}
        </NavLink>
      )}
      {(viewer === null || mayBook(viewer)) && (
        <NavLink to="/book" className={classes.link}>
          <IconCalendarPlus size={18} stroke={1.75} aria-hidden />
          {text.frame.book}
        </NavLink>
      )}
      {!staff && (
        <NavLink to="/appointments" className={classes.link}>
          <IconTicket size={18} stroke={1.75} aria-hidden />
          <span className={classes.long}>{text.frame.appointments}</span>
          <span className={classes.short}>{text.frame.appointmentsShort}</span>
        </NavLink>
      )}
      {viewer?.role === 'ADMIN' && (
        <NavLink to="/operations" className={classes.link}>
          <IconActivity size={18} stroke={1.75} aria-hidden />
          {text.frame.operations}
        </NavLink>
      )}
    </nav>
  );
}

function LanguageMenu(): ReactNode {
  const { text, language, choose } = useLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${text.language.choose}: ${language.name}`}>
          <IconLanguage size={19} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((each) => (
          <Menu.Item
            key={each.tag}
            lang={each.tag}
            onClick={() => choose(each.tag)}
            rightSection={each.tag === language.tag ? <IconCheck size={14} aria-hidden /> : null}
          >
            {each.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeSwitch(): ReactNode {
  const text = useText();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? text.frame.toLight : text.frame.toDark}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={19} stroke={1.75} aria-hidden /> : <IconMoon size={19} stroke={1.75} aria-hidden />}
    </ActionIcon>
  );
}

function PersonMenu({ viewer, sandbox }: { viewer: Viewer | null; sandbox: boolean }): ReactNode {
  const text = useText();
  const { store } = usePerson();
  if (viewer === null) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={classes.person} aria-label={text.frame.signedInAs(viewer.user.name)}>
          <span className={classes.avatar} aria-hidden>
            {initials(viewer.user.name)}
          </span>
          <span className={classes.personName}>{viewer.user.name}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.role[viewer.role]}</Menu.Label>
        {sandbox && (
          <Menu.Item component={Link} to="/" leftSection={<IconUsers size={16} aria-hidden />}>
            {text.frame.beSomeoneElse}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => store.forget()}>
          {text.frame.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word) && !/^(dr|prof|mr|mrs|ms)\.?$/i.test(word));
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0]?.toUpperCase() ?? '').join('');
}

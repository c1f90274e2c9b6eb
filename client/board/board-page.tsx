import { Button } from '@mantine/core';
import { IconUserX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { SignedIn } from '../session/signed-in.tsx';
import { isStaff, seesAppointments } from '../session/use-viewer.ts';
import { Message } from '../shell/page-states.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { Board } from './board.tsx';

export default function BoardPage(): ReactNode {
  const text = useText();
  usePageTitle(text.board.title);
  return (
    <SignedIn>
      {(viewer, clinic) => {
        if (!seesAppointments(viewer))
          return (
            <Message heading="h1" icon={<IconUserX size={24} stroke={1.5} />} title={text.signIn.auditorTitle}>
              {text.signIn.auditor}
            </Message>
          );
        return isStaff(viewer) ? (
          <Board viewer={viewer} clinic={clinic} />
        ) : (
          <Message
            heading="h1"
            icon={<IconUserX size={24} stroke={1.5} />}
            title={text.signIn.wrongRoleTitle}
            action={
              <Button component={Link} to="/appointments">
                {text.frame.appointments}
              </Button>
            }
          >
            {text.signIn.wrongRole}
          </Message>
        );
      }}
    </SignedIn>
  );
}

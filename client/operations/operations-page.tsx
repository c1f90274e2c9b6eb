/** How the gateway is doing, for admins. Each section is a part of its own; more of them follow here. */
import { Button } from '@mantine/core';
import { IconUserX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { SignedIn } from '../session/signed-in.tsx';
import type { Clinic } from '../session/use-viewer.ts';
import { Message } from '../shell/page-states.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { DeliverySection } from './delivery-section.tsx';
import { LiveSection } from './live-section.tsx';
import classes from './operations.module.css';

export default function OperationsPage(): ReactNode {
  const text = useText();
  usePageTitle(text.operations.title);
  return (
    <SignedIn>
      {(viewer, clinic) =>
        viewer.role === 'ADMIN' ? (
          <Operations clinic={clinic} />
        ) : (
          <Message
            heading="h1"
            icon={<IconUserX size={24} stroke={1.5} />}
            title={text.operations.adminsOnlyTitle}
            action={
              <Button component={Link} to="/">
                {text.frame.toStart}
              </Button>
            }
          >
            {text.operations.adminsOnly}
          </Message>
        )
      }
    </SignedIn>
  );
}

function Operations({ clinic }: { clinic: Clinic }): ReactNode {
  const text = useText();
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{text.operations.title}</h1>
        <p className={classes.quiet}>{text.operations.intro}</p>
      </header>
      <LiveSection />
      <DeliverySection timeZone={clinic.timeZone} />
    </div>
  );
}

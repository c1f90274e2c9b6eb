/** What this is, who to be, and buttons that make something happen, with the clinic's day live beside them. */
import { Button } from '@mantine/core';
import { useQuery } from '@apollo/client/react';
import { IconArrowRight, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { TokenForm } from '../session/signed-in.tsx';
import { type Clinic, isStaff, useFrame, type Viewer } from '../session/use-viewer.ts';
import { Message, PageLoading, RetryButton } from '../shell/page-states.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { Happenings } from './happenings.tsx';
import { LiveSample } from './live-sample.tsx';
import { DEMO_PERSONAS, Personas } from './personas.tsx';
import classes from './start-page.module.css';

export default function StartPage(): ReactNode {
  const text = useText();
  const frame = useFrame();
  usePageTitle(text.frame.start);
  if (frame.failed) {
    return (
      <Message
        heading="h1"
        icon={<IconPlugConnectedX size={24} stroke={1.5} />}
        title={text.start.failed}
        action={<RetryButton onClick={frame.retry} />}
      />
    );
  }
  if (frame.clinic === null) return <PageLoading />;
  return frame.clinic.sandbox ? <SandboxStart clinic={frame.clinic} viewer={frame.viewer} /> : <RealStart viewer={frame.viewer} />;
}

function SandboxStart({ clinic, viewer }: { clinic: Clinic; viewer: Viewer | null }): ReactNode {
  const text = useText();
  const { data } = useQuery(DEMO_PERSONAS);
  return (
    <div className={classes.page}>
      <div className={classes.words}>
        <Introduction note={text.start.sandboxNote} />
        <section aria-labelledby="who" className={classes.section}>
          <h2 id="who">{text.start.whoTitle}</h2>
          <p className={classes.quiet}>{text.start.whoHint}</p>
          <Personas roles={['CLINICIAN', 'FRONT_DESK', 'ADMIN', 'PATIENT']} newTabs />
          {viewer !== null && <WayOn viewer={viewer} />}
        </section>
        <Happenings />
      </div>
      <div className={classes.live}>{data !== undefined && <LiveSample personas={data.demoPersonas} timeZone={clinic.timeZone} />}</div>
    </div>
  );
}

function RealStart({ viewer }: { viewer: Viewer | null }): ReactNode {
  const text = useText();
  return (
    <div className={classes.single}>
      <Introduction note={null} />
      <section aria-labelledby="real" className={classes.section}>
        <h2 id="real">{text.start.realTitle}</h2>
        {viewer === null ? (
          <>
            <p className={classes.quiet}>{text.start.real}</p>
            <TokenForm />
          </>
        ) : (
          <WayOn viewer={viewer} />
        )}
      </section>
    </div>
  );
}

function Introduction({ note }: { note: string | null }): ReactNode {
  const text = useText();
  return (
    <div className={classes.introduction}>
      <h1 className={classes.title}>{text.start.title}</h1>
      <p className={classes.lead}>{text.start.intro}</p>
      {note !== null && <p className={classes.quiet}>{note}</p>}
    </div>
  );
}

function WayOn({ viewer }: { viewer: Viewer }): ReactNode {
  const text = useText();
  const staff = isStaff(viewer);
  return (
    <div className={classes.ways}>
      {staff && (
        <Button component={Link} to="/board" rightSection={<IconArrowRight size={16} aria-hidden />}>
          {text.start.goBoard}
        </Button>
      )}
      <Button
        component={Link}
        to="/book"
        variant={staff ? 'default' : 'filled'}
        rightSection={staff ? null : <IconArrowRight size={16} aria-hidden />}
      >
        {text.start.goBook}
      </Button>
      {!staff && (
        <Button component={Link} to="/appointments" variant="default">
          {text.frame.appointments}
        </Button>
      )}
    </div>
  );
}

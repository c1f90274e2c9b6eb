/** The clinic's day beside the buttons, as another person of the sandbox sees it: a second session, in memory only. */
import { Skeleton } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { IconExternalLink } from '@tabler/icons-react';
import { personName } from '../appointments/person-name.ts';
import { StatusBadge } from '../appointments/status-badge.tsx';
import { KindIcon } from '../appointments/kind-icon.tsx';
import { useFragment } from '@apollo/client/react';
import { graphql } from '../generated/gql.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { changeWords, latencyWords } from '../board/change-words.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { AppointmentChange } from '../live/appointment-change.ts';
import { ConnectionPill } from '../live/connection-pill.tsx';
import { useLiveAppointments } from '../live/use-live-appointments.ts';
import { PersonProvider } from '../session/person.tsx';
import { renewSession } from '../session/renew-session.ts';
import { createSessionStore } from '../session/session.ts';
import { signInAs } from '../session/sign-in-as.ts';
import { scrollToAhead } from '../time/scroll-to-ahead.ts';
import { clockTime, dayBounds, longPlainDay, today } from '../time/clinic-time.ts';
import type { Persona } from './personas.tsx';
import classes from './live-sample.module.css';

export function LiveSample({ personas, timeZone }: { personas: readonly Persona[]; timeZone: string }): ReactNode {
  const [store] = useState(() => createSessionStore(null, renewSession));
  const [ready, setReady] = useState(false);
  const viewer = personas.find(({ role }) => role === 'FRONT_DESK') ?? personas.find(({ role }) => role === 'CLINICIAN');
  useEffect(() => {
    let left = false;
    if (viewer === undefined) return;
    void signInAs(viewer.id).then((session) => {
      if (left || session === null) return;
      store.save(session);
      setReady(true);
    });
    return () => {
      left = true;
    };
  }, [viewer, store]);
  if (viewer === undefined) return null;
  return <PersonProvider store={store}>{ready && <LiveDay viewer={viewer} timeZone={timeZone} />}</PersonProvider>;
}

function LiveDay({ viewer, timeZone }: { viewer: Persona; timeZone: string }): ReactNode {
  const { text, language } = useLanguage();
  const day = today(timeZone);
  const { from, to } = dayBounds(day, timeZone);
  const live = useLiveAppointments({ startsAfter: from, startsBefore: to });
  return (
    <section className={classes.sample} aria-labelledby="live-sample">
      <div className={classes.head}>
        <div>
          <h2 id="live-sample">{text.start.liveTitle}</h2>
          <p className={classes.quiet}>
            {longPlainDay(day, language.tag)} · {text.start.liveHint(viewer.name)}
          </p>
        </div>
        <ConnectionPill timeZone={timeZone} />
      </div>
      {live.phase === 'loading' ? (
        <div className={classes.rows} aria-hidden>
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} height={44} radius="md" />
          ))}
        </div>
      ) : live.appointments.length === 0 ? (
        <p className={classes.quiet}>{text.board.emptyDayTitle}</p>
      ) : (
        <ul className={classes.rows} ref={scrollToAhead}>
          {live.appointments.map((appointment) => (
            <SampleRow key={appointment.id} appointment={appointment} change={live.changes.get(appointment.id)} timeZone={timeZone} />
          ))}
        </ul>
      )}
      <a className={classes.open} href={`/board?as=${encodeURIComponent(viewer.id)}`} target="_blank" rel="noopener">
        {text.start.liveOpen} <IconExternalLink size={15} aria-hidden />
      </a>
    </section>
  );
}

const SAMPLE_ROW = graphql(`
  fragment SampleRow on Appointment {
    id
    startsAt
    endsAt
    status
    careState
    consultationType
    seated
    patient {
      id
      name
    }
    participants {
      id
      name
      state
    }
    clinician {
      id
      name
    }
  }
`);

function SampleRow(props: { appointment: LiveAppointmentFragment; change: AppointmentChange | undefined; timeZone: string }): ReactNode {
  const { text, language } = useLanguage();
  const { data, complete } = useFragment({ fragment: SAMPLE_ROW, fragmentName: 'SampleRow', from: props.appointment });
  if (!complete) return null;
  const { change } = props;
  const words = { text, language: language.tag, timeZone: props.timeZone };
  const latency = change === undefined ? null : latencyWords(change, words);
  const off = data.status === 'CANCELLED' || data.status === 'DECLINED';
  return (
    <li className={classes.row} data-off={off} data-ends={Date.parse(data.endsAt)}>
      {change !== undefined && <span key={change.shownAt} className={classes.tint} aria-hidden />}
      <time dateTime={data.startsAt} className={classes.time}>
        {clockTime(data.startsAt, props.timeZone, language.tag)}
      </time>
      <span className={classes.who}>
        <span className={classes.name}>{personName(data, text)}</span>
        <span className={classes.quiet}>
          {change === undefined ? data.clinician?.name : `${changeWords(change, data, words)}${latency === null ? '' : ` · ${latency}`}`}
        </span>
      </span>
      <span className={classes.kind}>
        <KindIcon kind={data.consultationType} size={15} />
      </span>
      <StatusBadge status={data.status} careState={data.careState ?? null} />
    </li>
  );
}

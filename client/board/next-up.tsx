/** Who comes next: name, reason to come, how, and the way in. */
import { Button } from '@mantine/core';
import { useFragment } from '@apollo/client/react';
import { IconVideo } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { KindIcon } from '../appointments/kind-icon.tsx';
import { personName } from '../appointments/person-name.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Clinic } from '../session/use-viewer.ts';
import { clockTime } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { sectionOf, type Section } from './board-section.ts';
import classes from './side-panel.module.css';

const NEXT_UP_ENTRY = graphql(`
  fragment NextUpEntry on Appointment {
    id
    startsAt
    consultationType
    seated
    reason
    patient {
      id
      name
    }
    participants {
      id
      name
      state
    }
    eventType {
      id
      title
    }
    video {
      joinUrl
    }
  }
`);

const TO_COME: readonly Section[] = ['IN_ROOM', 'ARRIVED', 'EXPECTED'];
/** Who should have come longer ago than this is late, not next. */
const LATEST_MS = 45 * 60_000;

export function NextUp(props: {
  appointments: readonly LiveAppointmentFragment[];
  clinic: Clinic;
  onOpen: (appointmentId: string) => void;
}): ReactNode {
  const { text } = useLanguage();
  const now = useNow(15_000);
  const next = nextOf(props.appointments, now);
  return (
    <section className={classes.panel} aria-labelledby="next-up">
      <h2 id="next-up" className={classes.title}>
        {text.board.nextUp}
      </h2>
      {next === undefined ? (
        <p className={classes.nothing}>{text.board.nextUpNobody}</p>
      ) : (
        <NextUpEntry appointment={next} clinic={props.clinic} now={now} onOpen={props.onOpen} />
      )}
    </section>
  );
}

/** Present patients first, then by start. */
function nextOf(appointments: readonly LiveAppointmentFragment[], now: number): LiveAppointmentFragment | undefined {
  return appointments
    .filter((each) => TO_COME.includes(sectionOf(each)) && (sectionOf(each) !== 'EXPECTED' || Date.parse(each.startsAt) > now - LATEST_MS))
    .sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))[0];
}

function NextUpEntry(props: {
  appointment: LiveAppointmentFragment;
  clinic: Clinic;
  now: number;
  onOpen: (id: string) => void;
}): ReactNode {
  const { text, language } = useLanguage();
  const { data, complete } = useFragment({ fragment: NEXT_UP_ENTRY, fragmentName: 'NextUpEntry', from: props.appointment });
  if (!complete) return null;
  const minutes = Math.round((Date.parse(data.startsAt) - props.now) / 60_000);
  const name = personName(data, text);
  return (
    <div className={classes.next}>
      <p className={classes.nextTime}>
        <time dateTime={data.startsAt}>{clockTime(data.startsAt, props.clinic.timeZone, language.tag)}</time>
        <span className={classes.relative}>
          {minutes > 0 ? text.board.inMinutes(minutes) : minutes > -2 ? text.board.starting : text.board.late(-minutes)}
        </span>
      </p>
      <p className={classes.nextName}>
        <button
          type="button"
          className={classes.nameButton}
          aria-label={text.board.openDetails(name)}
          onClick={() => props.onOpen(data.id)}
        >
          {name}
        </button>
      </p>
      <p className={classes.nextWhat}>
        <KindIcon kind={data.consultationType} size={15} decorative /> {text.kind[data.consultationType]}
        {data.eventType != null && ` · ${data.eventType.title}`}
      </p>
      {data.reason != null && <p className={classes.reason}>{data.reason}</p>}
      {data.video?.joinUrl != null && (
        <Button
          component="a"
          href={data.video.joinUrl}
          target="_blank"
          rel="noreferrer"
          size="xs"
          leftSection={<IconVideo size={16} aria-hidden />}
        >
          {text.action.join}
        </Button>
      )}
    </div>
  );
}

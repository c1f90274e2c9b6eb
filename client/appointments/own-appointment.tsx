/** One appointment as its patient sees it: when, with whom, how, what became of it, and what can be done. */
import { Button } from '@mantine/core';
import { useFragment } from '@apollo/client/react';
import type { FragmentType } from '@apollo/client';
import { IconCalendarDown, IconCalendarTime, IconDoorEnter, IconTrash, IconVideo } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { calendarFile } from '../booking/calendar-file.ts';
import type { OwnAppointmentFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { AppointmentChange } from '../live/appointment-change.ts';
import { changeWords } from '../board/change-words.ts';
import { clockTime, dayOf, longDay, sameWallClock, today, zoneCity } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { KindIcon } from './kind-icon.tsx';
import { StatusBadge } from './status-badge.tsx';
import classes from './own-appointment.module.css';

const OWN_APPOINTMENT = graphql(`
  fragment OwnAppointment on Appointment {
    id
    version
    startsAt
    endsAt
    durationMinutes
    timeZone
    status
    careState
    consultationType
    location
    reason
    cancellationReason
    rejectionReason
    clinician {
      id
      name
    }
    eventType {
      id
      title
    }
    video {
      joinUrl
    }
    viewerMay
  }
`);

export interface OwnAppointmentProps {
  appointment: FragmentType<OwnAppointmentFragment>;
  /** The patient's own zone. */
  timeZone: string;
  cutoffMinutes: number;
  change?: AppointmentChange | undefined;
  onReschedule: (appointmentId: string) => void;
  onCancel: (appointmentId: string) => void;
  onCheckIn: (appointmentId: string) => void;
}

export function OwnAppointment(props: OwnAppointmentProps): ReactNode {
  const { text, language } = useLanguage();
  const { data, complete } = useFragment({ fragment: OWN_APPOINTMENT, fragmentName: 'OwnAppointment', from: props.appointment });
  const now = useNow(15_000);
  if (!complete) return null;
  const zone = props.timeZone;
  const coming = Date.parse(data.endsAt) > now && (data.status === 'CONFIRMED' || data.status === 'REQUESTED');
  const why = data.cancellationReason ?? data.rejectionReason;
  return (
    <article className={classes.appointment} data-testid="own-appointment" data-status={data.status} aria-labelledby={`own-${data.id}`}>
      <div className={classes.date} aria-hidden>
        <span className={classes.time}>{clockTime(data.startsAt, zone, language.tag)}</span>
        <span className={classes.minutes}>{text.booking.minutes(data.durationMinutes)}</span>
      </div>
      <div className={classes.body}>
        <div className={classes.head}>
          <h3 id={`own-${data.id}`} className={classes.title}>
            {data.eventType?.title ?? text.details.title}
          </h3>
          <StatusBadge status={data.status} careState={data.careState ?? null} />
        </div>
        <p className={classes.line}>
          <time dateTime={data.startsAt}>
            {longDay(data.startsAt, zone, language.tag)}, {clockTime(data.startsAt, zone, language.tag)}–
            {clockTime(data.endsAt, zone, language.tag)}
          </time>
          {!sameWallClock(data.startsAt, zone, data.timeZone) && (
            <span className={classes.quiet}>
              {' '}
              ({clockTime(data.startsAt, data.timeZone, language.tag)} {zoneCity(data.timeZone)})
            </span>
          )}
        </p>
        <p className={classes.line}>
          <KindIcon kind={data.consultationType} size={15} decorative /> {text.kind[data.consultationType]}
          {data.clinician != null && ` · ${data.clinician.name}`}
          {data.consultationType === 'IN_PERSON' && data.location != null && ` · ${data.location}`}
        </p>
        {data.status === 'REQUESTED' && <p className={classes.quiet}>{text.own.waitsForConfirmation}</p>}
        {why != null && why !== '' && <p className={classes.quiet}>“{why}”</p>}
        {props.change !== undefined && (
          <p key={props.change.shownAt} className={classes.change} role="status">
            {text.board.changed}: {changeWords(props.change, data, { text, language: language.tag, timeZone: zone })}
          </p>
        )}
        {coming && <OwnActions {...props} data={data} now={now} />}
      </div>
    </article>
  );
}

function OwnActions(props: OwnAppointmentProps & { data: OwnAppointmentFragment; now: number }): ReactNode {
  const { text } = useLanguage();
  const { data } = props;
  const may = data.viewerMay;
  const tooLate = Date.parse(data.startsAt) - props.now < props.cutoffMinutes * 60_000;
  return (
    <div className={classes.actions}>
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
      {may.includes('CHECK_IN') && data.careState === 'EXPECTED' && dayOf(data.startsAt, props.timeZone).equals(today(props.timeZone)) && (
        <Button size="xs" variant="light" leftSection={<IconDoorEnter size={16} aria-hidden />} onClick={() => props.onCheckIn(data.id)}>
          {text.own.checkIn}
        </Button>
      )}
      {may.includes('RESCHEDULE') && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCalendarTime size={16} aria-hidden />}
          onClick={() => props.onReschedule(data.id)}
        >
          {text.action.reschedule}
        </Button>
      )}
      {may.includes('CANCEL') && (
        <Button size="xs" variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => props.onCancel(data.id)}>
          {text.action.cancel}
        </Button>
      )}
      <CalendarButton appointment={data} />
      {!may.includes('CANCEL') && tooLate && <p className={classes.quiet}>{text.own.tooLate(props.cutoffMinutes)}</p>}
    </div>
  );
}

export function CalendarButton({ appointment }: { appointment: OwnAppointmentFragment }): ReactNode {
  const { text } = useLanguage();
  const download = (): void => {
    const title = [appointment.eventType?.title, appointment.clinician?.name].filter((each) => each != null).join(' · ');
    const file = calendarFile(
      { ...appointment, title, description: appointment.video?.joinUrl ?? text.kind[appointment.consultationType], cancelled: false },
      new Date(),
    );
    const url = URL.createObjectURL(new Blob([file], { type: 'text/calendar' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'appointment.ics';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button size="xs" variant="default" leftSection={<IconCalendarDown size={16} aria-hidden />} onClick={download}>
      {text.booking.addToCalendar}
    </Button>
  );
}

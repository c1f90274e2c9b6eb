/** The patient's own appointments, coming and past, kept live. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCalendarOff, IconPlugConnectedX, IconUserX } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'react-router';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage, useText } from '../i18n/language.tsx';
import { ConnectionPill } from '../live/connection-pill.tsx';
import { useLiveAppointments } from '../live/use-live-appointments.ts';
import { SignedIn } from '../session/signed-in.tsx';
import { type Clinic, isStaff } from '../session/use-viewer.ts';
import { refusalReason } from '../outcome/refusal.ts';
import { Message, PageLoading, RetryButton } from '../shell/page-states.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { dayOf, longDay, ownTimeZone, today } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { OwnAppointment } from './own-appointment.tsx';
import { RescheduleDialog } from './reschedule-dialog.tsx';
import { useSetCareState } from './use-set-care-state.ts';
import classes from './appointments-page.module.css';

export default function AppointmentsPage(): ReactNode {
  const text = useText();
  usePageTitle(text.own.title);
  return (
    <SignedIn>
      {(viewer, clinic) =>
        isStaff(viewer) ? (
          <Message
            heading="h1"
            icon={<IconUserX size={24} stroke={1.5} />}
            title={text.signIn.patientsOnlyTitle}
            action={
              <Button component={Link} to="/board">
                {text.start.goBoard}
              </Button>
            }
          >
            {text.signIn.patientsOnly}
          </Message>
        ) : (
          <OwnAppointments clinic={clinic} />
        )
      }
    </SignedIn>
  );
}

const EVERYTHING = {};

function OwnAppointments({ clinic }: { clinic: Clinic }): ReactNode {
  const { text } = useLanguage();
  const zone = ownTimeZone();
  const live = useLiveAppointments(EVERYTHING);
  const setCareState = useSetCareState();
  const now = useNow(15_000);
  const [showPast, setShowPast] = useState(false);
  const [asked, setAsked] = useState<{ kind: 'cancel' | 'reschedule'; id: string } | null>(null);
  const { coming, past } = useMemo(() => split(live.appointments, now), [live.appointments, now]);
  const days = useMemo(() => byDay(coming, zone), [coming, zone]);
  const askedFor = live.appointments.find((each) => each.id === asked?.id);

  const checkIn = async (id: string): Promise<void> => {
    const outcome = await setCareState(id, 'ARRIVED');
    if (!outcome.ok)
      notifications.show({ title: text.refusal[refusalReason(outcome.refusal)], message: outcome.refusal.message, color: 'red' });
  };
  const own = (appointment: LiveAppointmentFragment): ReactNode => (
    <li key={appointment.id}>
      <OwnAppointment
        appointment={appointment}
        timeZone={zone}
        cutoffMinutes={clinic.patientChangeCutoffMinutes}
        change={live.changes.get(appointment.id)}
        onReschedule={(id) => setAsked({ kind: 'reschedule', id })}
        onCancel={(id) => setAsked({ kind: 'cancel', id })}
        onCheckIn={(id) => void checkIn(id)}
      />
    </li>
  );

  if (live.phase === 'loading') return <PageLoading />;
  if (live.phase === 'failed') {
    return (
      <Message
        heading="h1"
        icon={<IconPlugConnectedX size={24} stroke={1.5} />}
        title={text.own.failed}
        action={<RetryButton onClick={live.reload} />}
      />
    );
  }
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1>{text.own.title}</h1>
        <ConnectionPill timeZone={zone} />
      </div>
      <section aria-labelledby="coming">
        <h2 id="coming" className={classes.section}>
          {text.own.coming}
        </h2>
        {coming.length === 0 ? (
          <Message
            compact
            heading="h3"
            icon={<IconCalendarOff size={24} stroke={1.5} />}
            title={text.own.noneComing}
            action={
              <Button component={Link} to="/book">
                {text.own.bookFirst}
              </Button>
            }
          />
        ) : (
          days.map(([day, appointments]) => <Day key={day} day={day} appointments={appointments} zone={zone} own={own} />)
        )}
      </section>
      <section aria-labelledby="past">
        <h2 id="past" className={classes.section}>
          {text.own.past}
        </h2>
        {past.length === 0 ? (
          <p className={classes.quiet}>{text.own.nonePast}</p>
        ) : showPast ? (
          <ul className={classes.list}>{past.map(own)}</ul>
        ) : (
          <Button variant="default" onClick={() => setShowPast(true)}>
            {text.own.showPast(past.length)}
          </Button>
        )}
      </section>
      {askedFor !== undefined && asked?.kind === 'cancel' && (
        <CancelDialog appointment={askedFor} ownWords onClose={() => setAsked(null)} />
      )}
      {askedFor !== undefined && asked?.kind === 'reschedule' && (
        <RescheduleDialog appointmentId={askedFor.id} timeZone={zone} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

function Day(props: {
  day: string;
  appointments: readonly LiveAppointmentFragment[];
  zone: string;
  own: (appointment: LiveAppointmentFragment) => ReactNode;
}): ReactNode {
  const { text, language } = useLanguage();
  const [first] = props.appointments;
  const current = today(props.zone);
  const name =
    props.day === current.toString()
      ? text.own.today
      : props.day === current.add({ days: 1 }).toString()
        ? text.own.tomorrow
        : first === undefined
          ? props.day
          : longDay(first.startsAt, props.zone, language.tag);
  return (
    <div className={classes.day}>
      <p className={classes.dayName}>{name}</p>
      <ul className={classes.list}>{props.appointments.map(props.own)}</ul>
    </div>
  );
}

/** Cancelled ones that would still come stay in sight until their time: the patient should see that they are off. */
function split(appointments: readonly LiveAppointmentFragment[], now: number) {
  const coming = appointments.filter((each) => Date.parse(each.endsAt) > now);
  const past = appointments.filter((each) => Date.parse(each.endsAt) <= now).toReversed();
  return { coming, past };
}

function byDay(appointments: readonly LiveAppointmentFragment[], zone: string): [string, LiveAppointmentFragment[]][] {
  const days = new Map<string, LiveAppointmentFragment[]>();
  for (const appointment of appointments) {
    const day = dayOf(appointment.startsAt, zone).toString();
    const known = days.get(day);
    if (known === undefined) days.set(day, [appointment]);
    else known.push(appointment);
  }
  return [...days];
}

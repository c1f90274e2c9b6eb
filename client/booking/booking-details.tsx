/** The chosen time, kept for a few minutes, and what is still to be said; then the booking itself and its outcome. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconClock } from '@tabler/icons-react';
import { type SubmitEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { KindIcon } from '../appointments/kind-icon.tsx';
import { RefusalNote } from '../appointments/reason-dialog.tsx';
import type { BookAppointmentInput, ConsultationType } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { newMutationKey } from '../outcome/mutation-key.ts';
import type { Refusal } from '../outcome/refusal.ts';
import { isUnknown } from '../outcome/surely.ts';
import { TokenForm } from '../session/signed-in.tsx';
import { isStaff, useFrame, type Viewer } from '../session/use-viewer.ts';
import { formText } from '../shell/form-text.ts';
import { Personas } from '../start/personas.tsx';
import { clockTime, longDay, sameWallClock, shortDay, zoneCity } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { BookingQuestion, questionName } from './booking-question.tsx';
import type { FreeSlot } from './hooks/use-calcom-available-slots.ts';
import type { CalcomEventType } from './hooks/use-calcom-event-types.ts';
import { useCreateCalcomBooking } from './hooks/use-create-calcom-booking.ts';
import { type SlotHold, useSlotHold } from './hooks/use-slot-hold.ts';
import classes from './booking-details.module.css';

export interface BookingDetailsProps {
  eventType: CalcomEventType;
  slot: Pick<FreeSlot, 'startsAt' | 'endsAt'>;
  consultationType: ConsultationType;
  durationMinutes: number | undefined;
  timeZone: string;
  onOtherTime: () => void;
  onBooked: (appointmentIds: readonly string[]) => void;
}

type Wish = Omit<BookAppointmentInput, 'clientMutationKey'>;
type Phase = { kind: 'asking' } | { kind: 'sending' } | { kind: 'checking' } | { kind: 'refused'; refusal: Refusal };

export function BookingDetails(props: BookingDetailsProps): ReactNode {
  const { text, language } = useLanguage();
  const { viewer, clinic } = useFrame();
  const hold = useSlotHold();
  const book = useCreateCalcomBooking();
  const [time, setTime] = useState(props.slot);
  const [phase, setPhase] = useState<Phase>({ kind: 'asking' });
  /** One key per wish: asking again repeats it, another time or text is another wish. */
  const wished = useRef<{ key: string; wish: string } | null>(null);

  const { eventType, durationMinutes } = props;
  const { keep, release } = hold;
  const viewerId = viewer?.user.id;
  useEffect(() => {
    if (viewerId === undefined) return;
    let left = false;
    void keep({ eventTypeId: eventType.id, startsAt: time.startsAt, durationMinutes }).then((refusal) => {
      if (!left && refusal?.__typename === 'SlotTaken') setPhase({ kind: 'refused', refusal });
    });
    return () => {
      left = true;
      release();
    };
  }, [viewerId, keep, release, eventType.id, time.startsAt, durationMinutes]);

  const submit = async (form: BookingForm): Promise<void> => {
    const wish: Wish = {
      eventTypeId: eventType.id,
      startsAt: time.startsAt,
      timeZone: props.timeZone,
      consultationType: props.consultationType,
      locale: language.tag.slice(0, 2),
      ...(durationMinutes === undefined ? {} : { durationMinutes }),
      ...(form.reason === '' ? {} : { reason: form.reason }),
      ...(form.attendee === null ? {} : { attendee: form.attendee }),
      ...(form.phone === '' ? {} : { phone: form.phone }),
      ...(form.fields.length === 0 ? {} : { fields: form.fields }),
    };
    const same = JSON.stringify(wish);
    if (wished.current?.wish !== same) wished.current = { key: newMutationKey(), wish: same };
    setPhase({ kind: 'sending' });
    // The hold is not part of the wish: it may run out and be taken again while an outcome is unknown.
    const outcome = await book(wished.current.key, { ...wish, ...(hold.hold === null ? {} : { holdId: hold.hold.id }) }, () =>
      setPhase({ kind: 'checking' }),
    );
    if (outcome.ok) {
      hold.forget();
      props.onBooked(outcome.value);
      return;
    }
    if (!isUnknown(outcome.refusal)) wished.current = null;
    setPhase({ kind: 'refused', refusal: outcome.refusal });
  };

  const clinicZone = eventType.clinician?.timeZone ?? clinic?.timeZone ?? props.timeZone;
  return (
    <div className={classes.details}>
      <section className={classes.summary} aria-label={text.booking.when}>
        <div className={classes.chosen}>
          <p className={classes.time}>
            {longDay(time.startsAt, props.timeZone, language.tag)},{' '}
            <time dateTime={time.startsAt}>{clockTime(time.startsAt, props.timeZone, language.tag)}</time>
          </p>
          <p className={classes.line}>
            {eventType.title}
            {eventType.clinician != null && ` · ${text.booking.with(eventType.clinician.name)}`}
          </p>
          <p className={classes.line}>
            <KindIcon kind={props.consultationType} size={15} decorative /> {text.kind[props.consultationType]} · {zoneCity(props.timeZone)}
            {!sameWallClock(time.startsAt, props.timeZone, clinicZone) &&
              ` (${clockTime(time.startsAt, clinicZone, language.tag)} ${zoneCity(clinicZone)})`}
          </p>
        </div>
        <div className={classes.holdBox}>
          <HoldClock hold={hold} onAgain={() => void hold.keep({ eventTypeId: eventType.id, startsAt: time.startsAt, durationMinutes })} />
          <Button variant="default" size="xs" leftSection={<IconArrowLeft size={15} aria-hidden />} onClick={props.onOtherTime}>
            {text.booking.otherTime}
          </Button>
        </div>
      </section>
      {viewer === null ? (
        <section className={classes.panel} aria-labelledby="who">
          <h2 id="who">{text.booking.signInTitle}</h2>
          <p className={classes.quiet}>{text.booking.signIn}</p>
          {clinic?.sandbox === true ? <Personas roles={['PATIENT']} newTabs={false} /> : <TokenForm />}
        </section>
      ) : (
        <DetailsForm
          viewer={viewer}
          eventType={eventType}
          consultationType={props.consultationType}
          phase={phase}
          onSubmit={(form) => void submit(form)}
          onNearest={(startsAt, endsAt) => {
            setPhase({ kind: 'asking' });
            setTime({ startsAt, endsAt });
          }}
        />
      )}
    </div>
  );
}

function HoldClock({ hold, onAgain }: { hold: SlotHold; onAgain: () => void }): ReactNode {
  const { text } = useLanguage();
  const now = useNow(1_000);
  if (hold.hold === null) return null;
  const seconds = Math.ceil((Date.parse(hold.hold.expiresAt) - now) / 1000);
  if (seconds <= 0) {
    return (
      <p className={classes.ended} role="status">
        {text.booking.holdEnded}{' '}
        <button type="button" className={classes.again} onClick={onAgain}>
          {text.booking.holdAgain}
        </button>
      </p>
    );
  }
  return (
    <p className={classes.hold} data-testid="hold">
      <IconClock size={15} aria-hidden />
      <span aria-hidden className="tabular">
        {text.booking.held(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)}
      </span>
      <span role="status" className={classes.spoken}>
        {text.booking.heldSpoken}
      </span>
    </p>
  );
}

interface BookingForm {
  reason: string;
  phone: string;
  /** Set when staff book for a patient. */
  attendee: { name: string; email: string } | null;
  fields: { slug: string; value: string }[];
}

function DetailsForm(props: {
  viewer: Viewer;
  eventType: CalcomEventType;
  consultationType: ConsultationType;
  phase: Phase;
  onSubmit: (form: BookingForm) => void;
  onNearest: (startsAt: string, endsAt: string) => void;
}): ReactNode {
  const { text } = useLanguage();
  const { viewer, phase } = props;
  const staff = isStaff(viewer);
  const byPhone = props.consultationType === 'AUDIO';
  const questions = props.eventType.bookingFields;
  const [problems, setProblems] = useState<Partial<Record<string, string>>>({});
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => formText(form, name);
    const found: Partial<Record<string, string>> = {
      ...(staff && field('name') === '' ? { name: text.booking.required } : {}),
      ...(staff && !/^\S+@\S+\.\S+$/.test(field('email')) ? { email: text.booking.invalidEmail } : {}),
      ...(byPhone && field('phone') === '' ? { phone: text.booking.required } : {}),
    };
    for (const question of questions) {
      if (question.required && field(questionName(question)) === '') found[questionName(question)] = text.booking.required;
    }
    setProblems(found);
    const [first] = Object.keys(found);
    if (first !== undefined) {
      event.currentTarget.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return;
    }
    props.onSubmit({
      reason: field('reason'),
      phone: field('phone'),
      attendee: staff ? { name: field('name'), email: field('email') } : null,
      fields: questions
        .map((question) => ({ slug: question.slug, value: field(questionName(question)) }))
        .filter(({ value }) => value !== ''),
    });
  };
  const busy = phase.kind === 'sending' || phase.kind === 'checking';
  return (
    <form className={classes.panel} onSubmit={submit} noValidate aria-labelledby="details">
      <h2 id="details">{text.booking.details}</h2>
      {staff && (
        <div className={classes.pair}>
          <TextInput name="name" label={text.booking.name} error={problems.name} maxLength={100} autoComplete="off" required />
          <TextInput
            name="email"
            type="email"
            label={text.booking.email}
            error={problems.email}
            maxLength={254}
            autoComplete="off"
            required
          />
        </div>
      )}
      {byPhone && (
        <TextInput
          name="phone"
          type="tel"
          label={text.booking.phone}
          description={text.booking.phoneHint}
          defaultValue={staff ? '' : (viewer.user.phone ?? '')}
          error={problems.phone}
          maxLength={32}
          autoComplete="tel"
          required
        />
      )}
      {questions.map((question) => (
        <BookingQuestion key={question.slug} question={question} error={problems[questionName(question)]} />
      ))}
      <Textarea name="reason" label={text.booking.reason} description={text.booking.reasonHint} rows={3} maxLength={1000} />
      {phase.kind === 'refused' && <Refused refusal={phase.refusal} onNearest={props.onNearest} />}
      {phase.kind === 'checking' && (
        <div role="status" className={classes.checking}>
          <strong>{text.booking.checking}</strong>
          <p>{text.booking.checkingHint}</p>
        </div>
      )}
      <Button type="submit" size="md" loading={busy}>
        {phase.kind === 'refused' && isUnknown(phase.refusal)
          ? text.booking.askAgain
          : props.eventType.requiresConfirmation
            ? text.booking.submitRequest
            : text.booking.submit}
      </Button>
    </form>
  );
}

function Refused({ refusal, onNearest }: { refusal: Refusal; onNearest: (startsAt: string, endsAt: string) => void }): ReactNode {
  const { text, language } = useLanguage();
  if (refusal.__typename === 'SlotTaken') {
    return (
      <div role="alert" className={classes.taken}>
        <strong>
          <IconAlertTriangle size={16} aria-hidden /> {text.booking.taken}
        </strong>
        <p>{refusal.nearest.length > 0 ? text.booking.takenHint : text.booking.takenNone}</p>
        <div className={classes.nearest}>
          {refusal.nearest.map((slot) => (
            <Button key={slot.startsAt} variant="default" size="sm" onClick={() => onNearest(slot.startsAt, slot.endsAt)}>
              {shortDay(slot.startsAt, slot.timeZone, language.tag)}, {clockTime(slot.startsAt, slot.timeZone, language.tag)}
            </Button>
          ))}
        </div>
      </div>
    );
  }
  if (isUnknown(refusal)) {
    return (
      <div role="status" className={classes.checking}>
        <p>{text.booking.stillUnknown}</p>
      </div>
    );
  }
  return <RefusalNote refusal={refusal} />;
}

/**
 * The whole way to an appointment: what, with whom, how, when, details, result.
 *
 * ```tsx
 * <CalcomBooking defaultConsultationType="VIDEO" onBookingComplete={(appointmentIds) => …} />
 * ```
 * Needs the providers of app.tsx above it. `eventType` (a slug) and `clinician` (a global id) choose beforehand.
 * Everything happens in our own screens (`mode="native"`); people who are not signed in may look, and sign in to book.
 */
import { IconCalendarOff, IconPlugConnectedX } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { KindIcon } from '../appointments/kind-icon.tsx';
import type { ConsultationType } from '../generated/graphql.ts';
import { useText } from '../i18n/language.tsx';
import { useFrame } from '../session/use-viewer.ts';
import { Message, PageLoading, RetryButton } from '../shell/page-states.tsx';
import { ownTimeZone } from '../time/clinic-time.ts';
import { BookingDetails } from './booking-details.tsx';
import { BookingResult } from './booking-result.tsx';
import { Choice, ChoiceGroup } from './choice.tsx';
import type { FreeSlot } from './hooks/use-calcom-available-slots.ts';
import { type BookableKind, type CalcomEventType, useCalcomEventTypes } from './hooks/use-calcom-event-types.ts';
import { SlotPicker } from './slot-picker.tsx';
import classes from './calcom-booking.module.css';

export interface CalcomBookingProps {
  onBookingComplete?: (appointmentIds: readonly string[]) => void;
  defaultConsultationType?: ConsultationType;
  /** Slug of the kind of visit. */
  eventType?: string | undefined;
  /** Global id. */
  clinician?: string | undefined;
  mode?: 'native';
}

/** Null: whoever is free first. */
type ClinicianChoice = string | null;

export function CalcomBooking(props: CalcomBookingProps): ReactNode {
  const text = useText();
  const types = useCalcomEventTypes();
  const [kindKey, setKindKey] = useState<string | null>(null);
  const [clinicianId, setClinicianId] = useState<ClinicianChoice>(props.clinician ?? null);
  const [consultationType, setConsultationType] = useState<ConsultationType | null>(props.defaultConsultationType ?? null);
  const [duration, setDuration] = useState<number | null>(null);
  const [slot, setSlot] = useState<FreeSlot | null>(null);
  const next = useRef<HTMLDivElement>(null);
  const [booked, setBooked] = useState<{ ids: readonly string[]; clinicianId: string | null } | null>(null);

  if (types.phase === 'loading') return <PageLoading />;
  if (types.phase === 'failed') {
    return (
      <Message
        heading="h1"
        icon={<IconPlugConnectedX size={24} stroke={1.5} />}
        title={text.booking.typesFailed}
        action={<RetryButton onClick={types.reload} />}
      />
    );
  }
  if (types.kinds.length === 0)
    return <Message heading="h1" icon={<IconCalendarOff size={24} stroke={1.5} />} title={text.booking.noTypes} />;
  if (booked !== null) {
    return (
      <BookingResult
        appointmentIds={booked.ids}
        clinicianId={booked.clinicianId}
        onBookAnother={() => {
          setBooked(null);
          setSlot(null);
          setKindKey(null);
        }}
      />
    );
  }

  const kind =
    types.kinds.find((each) => each.key === kindKey) ?? types.kinds.find((each) => each.eventTypes[0].slug === props.eventType) ?? null;
  const chooseKind = (next: BookableKind): void => {
    setKindKey(next.key);
    setSlot(null);
    setDuration(null);
    if (!next.eventTypes.some((each) => each.clinician?.id === clinicianId)) setClinicianId(props.clinician ?? null);
  };
  const showNext = (): void => void requestAnimationFrame(() => next.current?.scrollIntoView({ block: 'start' }));
  return (
    <div className={classes.page}>
      <h1>{text.booking.title}</h1>
      {slot === null || kind === null ? (
        <>
          <ChoiceGroup label={text.booking.what}>
            {types.kinds.map((each) => (
              <KindChoice
                key={each.key}
                kind={each}
                chosen={each.key === kind?.key}
                onChoose={() => chooseKind(each)}
                onPicked={showNext}
              />
            ))}
          </ChoiceGroup>
          {kind !== null && (
            <div ref={next} className={classes.choices}>
              <KindChoices
                kind={kind}
                clinicianId={clinicianId}
                onClinician={setClinicianId}
                consultationType={consultationTypeOf(kind, consultationType)}
                onConsultationType={setConsultationType}
                duration={duration ?? kind.eventTypes[0].durationMinutes}
                onDuration={setDuration}
                onSlot={setSlot}
              />
            </div>
          )}
        </>
      ) : (
        <BookingDetails
          key={slot.startsAt}
          eventType={eventTypeOf(kind, slot)}
          slot={slot}
          consultationType={consultationTypeOf(kind, consultationType)}
          durationMinutes={kind.eventTypes[0].durationOptions.length > 1 ? (duration ?? kind.eventTypes[0].durationMinutes) : undefined}
          timeZone={ownTimeZone()}
          onOtherTime={() => setSlot(null)}
          onBooked={(ids) => {
            setBooked({ ids, clinicianId: eventTypeOf(kind, slot).clinician?.id ?? null });
            props.onBookingComplete?.(ids);
          }}
        />
      )}
    </div>
  );
}

function KindChoice({
  kind,
  chosen,
  onChoose,
  onPicked,
}: {
  kind: BookableKind;
  chosen: boolean;
  onChoose: () => void;
  onPicked: () => void;
}): ReactNode {
  const text = useText();
  const [first] = kind.eventTypes;
  const notes = [
    text.booking.minutes(first.durationMinutes),
    ...(first.requiresConfirmation ? [text.booking.needsConfirmation] : []),
    ...(first.seats == null ? [] : [text.booking.upToSeats(first.seats)]),
  ];
  return (
    <Choice
      chosen={chosen}
      onChoose={onChoose}
      onPicked={onPicked}
      title={kind.title}
      hint={first.description ?? undefined}
      note={notes.join(' · ')}
    >
      <span className={classes.ways}>
        {first.consultationTypes.map((each) => (
          <KindIcon key={each} kind={each} size={17} />
        ))}
      </span>
    </Choice>
  );
}

function KindChoices(props: {
  kind: BookableKind;
  clinicianId: ClinicianChoice;
  onClinician: (id: ClinicianChoice) => void;
  consultationType: ConsultationType;
  onConsultationType: (type: ConsultationType) => void;
  duration: number;
  onDuration: (minutes: number) => void;
  onSlot: (slot: FreeSlot) => void;
}): ReactNode {
  const text = useText();
  const { clinic } = useFrame();
  const { kind } = props;
  const [first] = kind.eventTypes;
  const chosen = kind.eventTypes.filter((each) => props.clinicianId === null || each.clinician?.id === props.clinicianId);
  const wanted = chosen.length > 0 ? chosen : kind.eventTypes;
  return (
    <>
      {kind.eventTypes.length > 1 && (
        <ChoiceGroup label={text.booking.whom} small>
          <Choice
            chosen={props.clinicianId === null}
            onChoose={() => props.onClinician(null)}
            title={text.booking.firstFree}
            note={text.booking.firstFreeHint}
          />
          {kind.eventTypes.map(({ clinician }) =>
            clinician == null ? null : (
              <Choice
                key={clinician.id}
                chosen={props.clinicianId === clinician.id}
                onChoose={() => props.onClinician(clinician.id)}
                title={clinician.name}
              />
            ),
          )}
        </ChoiceGroup>
      )}
      {first.durationOptions.length > 1 && (
        <ChoiceGroup label={text.booking.length} small="lengths">
          {first.durationOptions.map((minutes) => (
            <Choice
              key={minutes}
              chosen={minutes === props.duration}
              onChoose={() => props.onDuration(minutes)}
              title={text.booking.minutes(minutes)}
            />
          ))}
        </ChoiceGroup>
      )}
      {first.consultationTypes.length > 1 && (
        <ChoiceGroup label={text.booking.how} small>
          {first.consultationTypes.map((each) => (
            <Choice
              key={each}
              chosen={each === props.consultationType}
              onChoose={() => props.onConsultationType(each)}
              title={text.kind[each]}
              note={text.kindHint[each]}
            >
              <KindIcon kind={each} size={18} decorative />
            </Choice>
          ))}
        </ChoiceGroup>
      )}
      <section className={classes.section} aria-labelledby="when">
        <h2 id="when">{text.booking.when}</h2>
        <div className={classes.panel}>
          <SlotPicker
            key={wanted.map((each) => each.id).join(' ')}
            eventTypeIds={wanted.map((each) => each.id)}
            timeZone={ownTimeZone()}
            clinicTimeZone={wanted[0]?.clinician?.timeZone ?? clinic?.timeZone ?? 'UTC'}
            durationMinutes={first.durationOptions.length > 1 ? props.duration : undefined}
            chosen={null}
            onChoose={props.onSlot}
          />
        </div>
      </section>
    </>
  );
}

function consultationTypeOf(kind: BookableKind, wanted: ConsultationType | null): ConsultationType {
  const offered = kind.eventTypes[0].consultationTypes;
  return wanted !== null && offered.includes(wanted) ? wanted : (offered[0] ?? 'VIDEO');
}

/** Of those who are free at that time, the first. */
function eventTypeOf(kind: BookableKind, slot: FreeSlot): CalcomEventType {
  return kind.eventTypes.find((each) => each.id === slot.eventTypeIds[0]) ?? kind.eventTypes[0];
}

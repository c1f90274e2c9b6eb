/** Another time for an appointment: the free ones of its event type, its own counting as free, and the move. */
import { Button, Modal, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@apollo/client/react';
import { type ReactNode, useState } from 'react';
import type { FreeSlot } from '../booking/hooks/use-calcom-available-slots.ts';
import { useRescheduleCalcomBooking } from '../booking/hooks/use-reschedule-calcom-booking.ts';
import { SlotPicker } from '../booking/slot-picker.tsx';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Refusal } from '../outcome/refusal.ts';
import { PageLoading } from '../shell/page-states.tsx';
import { clockTime, shortDay } from '../time/clinic-time.ts';
import { personName } from './person-name.ts';
import { RefusalNote } from './reason-dialog.tsx';
import classes from './dialog.module.css';

const TO_RESCHEDULE = graphql(`
  query ToReschedule($id: ID!) {
    appointment(id: $id) {
      id
      startsAt
      durationMinutes
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
        timeZone
      }
      eventType {
        id
        durationOptions
      }
    }
  }
`);

/** `timeZone`: in which the times are shown; the clinic's for staff, the own one for patients. */
export function RescheduleDialog(props: { appointmentId: string; timeZone: string; onClose: () => void }): ReactNode {
  const { text, language } = useLanguage();
  const { data } = useQuery(TO_RESCHEDULE, { variables: { id: props.appointmentId } });
  const reschedule = useRescheduleCalcomBooking();
  const [slot, setSlot] = useState<FreeSlot | null>(null);
  const [reason, setReason] = useState('');
  const [phase, setPhase] = useState<'asking' | 'sending' | 'checking'>('asking');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const appointment = data?.appointment;
  const when = (at: string): string => `${shortDay(at, props.timeZone, language.tag)}, ${clockTime(at, props.timeZone, language.tag)}`;

  const move = async (startsAt: string): Promise<void> => {
    setRefusal(null);
    setPhase('sending');
    const outcome = await reschedule(
      { appointmentId: props.appointmentId, startsAt, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
      () => setPhase('checking'),
    );
    setPhase('asking');
    if (!outcome.ok) return setRefusal(outcome.refusal);
    const name = appointment == null ? '' : personName(appointment, text);
    notifications.show({
      message: outcome.value.awaitsConfirmation ? text.done.awaitsConfirmation : text.done.rescheduled(name, when(startsAt)),
      color: 'pine',
      autoClose: 5_000,
    });
    props.onClose();
  };

  return (
    <Modal opened onClose={props.onClose} title={text.reschedule.title} size={640} closeButtonProps={{ 'aria-label': text.frame.close }}>
      {appointment?.eventType == null ? (
        <PageLoading />
      ) : (
        <div className={classes.form}>
          <p className={classes.about}>{text.reschedule.now(when(appointment.startsAt))}</p>
          <SlotPicker
            eventTypeIds={[appointment.eventType.id]}
            timeZone={props.timeZone}
            clinicTimeZone={appointment.clinician?.timeZone ?? props.timeZone}
            durationMinutes={appointment.eventType.durationOptions.length > 1 ? appointment.durationMinutes : undefined}
            rescheduling={props.appointmentId}
            chosen={slot?.startsAt ?? null}
            onChoose={setSlot}
          />
          <div className={classes.footer}>
            <TextInput
              label={text.reschedule.label}
              description={text.reschedule.hint}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {refusal !== null && <RefusalNote refusal={refusal} />}
            {phase === 'checking' && (
              <p role="status" className={classes.checking}>
                {text.refusal.OutcomeUnknown}
              </p>
            )}
            <div className={classes.buttons}>
              <Button variant="default" onClick={props.onClose}>
                {text.action.keep}
              </Button>
              <Button disabled={slot === null} loading={phase !== 'asking'} onClick={() => slot !== null && void move(slot.startsAt)}>
                {slot === null ? text.reschedule.pick : text.reschedule.submit(when(slot.startsAt))}
              </Button>
            </div>
          </div>
        </div>
      )}
    </Modal>
  );
}

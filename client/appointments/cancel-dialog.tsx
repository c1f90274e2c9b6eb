import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useCancelCalcomBooking } from '../booking/hooks/use-cancel-calcom-booking.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime, longDay, ownTimeZone } from '../time/clinic-time.ts';
import { personName } from './person-name.ts';
import { ReasonDialog } from './reason-dialog.tsx';

/** `ownWords`: the patient cancels, and is told of the clinician rather than of themselves. */
export function CancelDialog(props: {
  appointment: LiveAppointmentFragment;
  ownWords: boolean;
  timeZone?: string;
  onClose: () => void;
}): ReactNode {
  const { text, language } = useLanguage();
  const cancel = useCancelCalcomBooking();
  const { appointment } = props;
  const zone = props.timeZone ?? ownTimeZone();
  const name = props.ownWords ? (appointment.clinician?.name ?? '') : personName(appointment, text);
  return (
    <ReasonDialog
      title={text.reason.cancelTitle}
      about={`${name} · ${longDay(appointment.startsAt, zone, language.tag)}, ${clockTime(appointment.startsAt, zone, language.tag)}`}
      hint={props.ownWords ? text.reason.ownCancelHint : text.reason.cancelHint}
      submit={text.reason.cancel}
      run={(reason, whileUnknown) => cancel({ appointmentId: appointment.id, reason }, whileUnknown)}
      onDone={() => notifications.show({ message: text.done.cancelled(name), color: 'pine', autoClose: 5_000 })}
      onClose={props.onClose}
    />
  );
}

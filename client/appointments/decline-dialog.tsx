import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime, longDay, ownTimeZone } from '../time/clinic-time.ts';
import { personName } from './person-name.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { useDeclineAppointment } from './use-decline-appointment.ts';

export function DeclineDialog(props: { appointment: LiveAppointmentFragment; timeZone?: string; onClose: () => void }): ReactNode {
  const { text, language } = useLanguage();
  const decline = useDeclineAppointment();
  const { appointment } = props;
  const zone = props.timeZone ?? ownTimeZone();
  const name = personName(appointment, text);
  return (
    <ReasonDialog
      title={text.reason.declineTitle}
      about={`${name} · ${longDay(appointment.startsAt, zone, language.tag)}, ${clockTime(appointment.startsAt, zone, language.tag)}`}
      hint={text.reason.cancelHint}
      submit={text.reason.decline}
      run={(reason, whileUnknown) => decline({ appointmentId: appointment.id, reason }, whileUnknown)}
      onDone={() => notifications.show({ message: text.done.declined(name), color: 'pine', autoClose: 5_000 })}
      onClose={props.onClose}
    />
  );
}

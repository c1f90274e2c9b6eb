/** Tells a screen reader what changed: one polite sentence a batch. */
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { personName } from '../appointments/person-name.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { AppointmentChange } from '../live/appointment-change.ts';
import { changeWords } from './change-words.ts';

export function Announcer(props: {
  batch: readonly AppointmentChange[];
  appointments: readonly LiveAppointmentFragment[];
  timeZone: string;
}): ReactNode {
  const { text, language } = useLanguage();
  const [first] = props.batch;
  const about = props.appointments.find((each) => each.id === first?.appointmentId);
  const sentence =
    first === undefined || about === undefined
      ? ''
      : props.batch.length > 1
        ? text.change.announceMany(props.batch.length)
        : text.change.announce(
            personName(about, text),
            changeWords(first, about, { text, language: language.tag, timeZone: props.timeZone }),
          );
  return (
    <VisuallyHidden aria-live="polite" data-testid="announcer">
      {sentence}
    </VisuallyHidden>
  );
}

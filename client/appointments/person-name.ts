/** Whom an appointment is with, as the gateway lets this viewer know it (a wall display only gets initials). */
import type { Text } from '../i18n/en.ts';

interface Named {
  seated: boolean;
  patient?: { name: string } | null;
  participants: readonly { name: string; state: string }[];
}

export function personName(appointment: Named, text: Text): string {
  const active = appointment.participants.filter((each) => each.state === 'ACTIVE');
  if (appointment.seated) return text.board.group(active.length);
  return appointment.patient?.name ?? active[0]?.name ?? appointment.participants[0]?.name ?? text.board.nobody;
}

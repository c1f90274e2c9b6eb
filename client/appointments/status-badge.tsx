/** Cal.com's status, or the care state where that says more. Dot and word, never colour alone. */
import type { ReactNode } from 'react';
import type { AppointmentStatus, CareState } from '../generated/graphql.ts';
import { useText } from '../i18n/language.tsx';
import classes from './status-badge.module.css';

export function StatusBadge({ status, careState }: { status: AppointmentStatus; careState: CareState | null }): ReactNode {
  const text = useText();
  const beyond = status === 'CONFIRMED' && careState !== null && careState !== 'EXPECTED';
  return (
    <span className={classes.badge} data-state={beyond ? careState : status}>
      <span className={classes.dot} aria-hidden />
      {beyond ? text.care[careState] : text.status[status]}
    </span>
  );
}

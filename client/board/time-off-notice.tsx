/** Who is away on this day, in a line. Also beside the agenda: there, entries may cover the words of time off. */
import { IconCalendarOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime } from '../time/clinic-time.ts';
import type { TimeOff } from './time-off.ts';
import classes from './notices.module.css';

export function TimeOffNotice({ timeOff, timeZone }: { timeOff: readonly TimeOff[]; timeZone: string }): ReactNode {
  const { text, language } = useLanguage();
  if (timeOff.length === 0) return null;
  const clock = (at: string): string => clockTime(at, timeZone, language.tag);
  return (
    <ul className={classes.away} aria-label={text.board.timeOff} data-testid="time-off">
      {timeOff.map((each) => (
        <li key={each.id} className={classes.awayEntry}>
          <IconCalendarOff size={15} aria-hidden />
          {each.wholeDay
            ? text.board.awayAllDay(each.clinician)
            : text.board.away(each.clinician, `${clock(each.startsAt)}–${clock(each.endsAt)}`)}
        </li>
      ))}
    </ul>
  );
}

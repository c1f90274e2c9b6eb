/** Who is here and waits, longest first, and the button that ends the wait. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { personName } from '../appointments/person-name.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Clinic } from '../session/use-viewer.ts';
import { minutesBetween } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import type { BoardActions } from './board-actions.ts';
import { sectionOf, type Section } from './board-section.ts';
import classes from './side-panel.module.css';

const WAITING: readonly Section[] = ['ARRIVED', 'IN_ROOM'];

export function WaitingRoom(props: { appointments: readonly LiveAppointmentFragment[]; clinic: Clinic; actions: BoardActions }): ReactNode {
  const { text } = useLanguage();
  const now = useNow(15_000);
  const waiting = props.appointments
    .filter((each) => WAITING.includes(sectionOf(each)))
    .map((each) => ({ appointment: each, minutes: minutesBetween(each.careChangedAt ?? each.startsAt, now) }))
    .sort((one, other) => other.minutes - one.minutes);
  return (
    <section className={`${classes.panel} ${classes.growing}`} aria-labelledby="waiting-room">
      <h2 id="waiting-room" className={classes.title}>
        {text.board.waitingRoom}
        <span className={classes.count}>{waiting.length}</span>
      </h2>
      {waiting.length === 0 ? (
        <p className={classes.nothing}>{text.board.waitingNobody}</p>
      ) : (
        <ol className={classes.list}>
          {waiting.map(({ appointment, minutes }) => {
            const red = minutes >= props.clinic.waitRedMinutes;
            const level = red ? 'red' : minutes >= props.clinic.waitAmberMinutes ? 'amber' : 'calm';
            const name = personName(appointment, text);
            return (
              <li key={appointment.id} className={classes.entry}>
                <span className={classes.minutes} data-level={level}>
                  {red && <IconAlertTriangle size={13} aria-hidden />}
                  {text.board.minutes(minutes)}
                </span>
                <span className={classes.who}>
                  {name}
                  <span className={classes.where}>{text.care[sectionOf(appointment) as 'ARRIVED' | 'IN_ROOM']}</span>
                </span>
                {appointment.viewerMay.includes('SET_CARE_STATE') && !appointment.seated && (
                  <Button
                    size="compact-xs"
                    variant="light"
                    aria-label={`${text.board.admit}: ${name}`}
                    onClick={() => props.actions.move(appointment.id, 'WITH_CLINICIAN')}
                  >
                    {text.board.admit}
                  </Button>
                )}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

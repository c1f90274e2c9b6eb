/** The day as a line: entries as long as they take, overlaps side by side, and where we are now. Only on very wide screens. */
import { VisuallyHidden } from '@mantine/core';
import { useFragment } from '@apollo/client/react';
import { Temporal } from 'temporal-polyfill';
import { type ReactNode, useCallback, useMemo } from 'react';
import { personName } from '../appointments/person-name.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Clinic } from '../session/use-viewer.ts';
import { clockTime, dayBounds } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { lanesOf } from './agenda-lanes.ts';
import { sectionOf } from './board-section.ts';
import type { TimeOff } from './time-off.ts';
import classes from './agenda.module.css';

const AGENDA_ENTRY = graphql(`
  fragment AgendaEntry on Appointment {
    id
    startsAt
    endsAt
    status
    careState
    hasConflict
    seated
    patient {
      id
      name
    }
    participants {
      id
      name
      careState
      state
    }
  }
`);

const PIXELS_PER_MINUTE = 1.15;
const MINUTE_MS = 60_000;
/** Shown even when nothing is booked then. */
const USUAL_HOURS = { from: 8, to: 18 };

export function Agenda(props: {
  appointments: readonly LiveAppointmentFragment[];
  timeOff: readonly TimeOff[];
  /** More than one clinician is shown: time off says whose. */
  named: boolean;
  clinic: Clinic;
  day: Temporal.PlainDate;
  onOpen: (id: string) => void;
}): ReactNode {
  const { text, language } = useLanguage();
  const zone = props.clinic.timeZone;
  const now = useNow(15_000);
  const active = useMemo(
    () => props.appointments.filter((each) => each.status === 'CONFIRMED' || each.status === 'REQUESTED'),
    [props.appointments],
  );
  const lanes = useMemo(() => lanesOf(active), [active]);
  const { start, end } = hoursShown(active, props.day, zone);
  const y = (at: number): number => ((at - start) / MINUTE_MS) * PIXELS_PER_MINUTE;
  const showsNow = now > start && now < end;

  // Only when the day changes: nobody wants to be scrolled away from where they look.
  const scrollToNow = useCallback((box: HTMLDivElement | null) => {
    const line = box?.querySelector<HTMLElement>('[data-now]');
    if (box != null && line != null) box.scrollTop = Math.max(0, line.offsetTop - box.clientHeight / 3);
  }, []);

  const hours: number[] = [];
  for (let at = start; at < end; at += 60 * MINUTE_MS) hours.push(at);
  return (
    <section className={classes.agenda} aria-labelledby="agenda">
      <h2 id="agenda" className={classes.title}>
        {text.board.agenda}
      </h2>
      <div key={props.day.toString()} className={classes.scroll} ref={scrollToNow}>
        <div className={classes.line} style={{ height: y(end) }}>
          {hours.map((at) => (
            <span key={at} className={classes.hour} style={{ top: y(at) }} aria-hidden>
              {clockTime(new Date(at).toISOString(), zone, language.tag)}
            </span>
          ))}
          <TimeOffStrips timeOff={props.timeOff} named={props.named} timeZone={zone} hours={{ start, end }} y={y} />
          <ol>
            {active.map((appointment) => {
              const { lane, of } = lanes.get(appointment.id) ?? { lane: 0, of: 1 };
              const top = y(Date.parse(appointment.startsAt));
              const height = Math.max(22, y(Date.parse(appointment.endsAt)) - top - 2);
              return (
                <li
                  key={appointment.id}
                  className={classes.place}
                  style={{
                    top,
                    height,
                    insetInlineStart: `calc(44px + (100% - 44px) * ${lane / of})`,
                    width: `calc((100% - 44px) / ${of} - 2px)`,
                  }}
                >
                  <AgendaEntry appointment={appointment} timeZone={zone} narrow={of > 1} onOpen={props.onOpen} />
                </li>
              );
            })}
          </ol>
          {showsNow && (
            <span className={classes.now} style={{ top: y(now) }} data-now>
              <span className={classes.nowTime}>{clockTime(new Date(now).toISOString(), zone, language.tag)}</span>
            </span>
          )}
        </div>
      </div>
    </section>
  );
}

/** Behind the entries; cut to the hours shown. */
function TimeOffStrips(props: {
  timeOff: readonly TimeOff[];
  named: boolean;
  timeZone: string;
  hours: { start: number; end: number };
  y: (at: number) => number;
}): ReactNode {
  const { text, language } = useLanguage();
  const visible = props.timeOff.filter(
    (each) => Date.parse(each.startsAt) < props.hours.end && Date.parse(each.endsAt) > props.hours.start,
  );
  const lanes = lanesOf(visible);
  if (visible.length === 0) return null;
  const clock = (at: string): string => clockTime(at, props.timeZone, language.tag);
  return (
    <ul aria-label={text.board.timeOff}>
      {visible.map((each) => {
        const { lane, of } = lanes.get(each.id) ?? { lane: 0, of: 1 };
        const top = props.y(Math.max(Date.parse(each.startsAt), props.hours.start));
        const height = props.y(Math.min(Date.parse(each.endsAt), props.hours.end)) - top;
        const span = `${clock(each.startsAt)}–${clock(each.endsAt)}`;
        const spoken = each.wholeDay ? text.board.awayAllDay(each.clinician) : text.board.away(each.clinician, span);
        return (
          <li
            key={each.id}
            className={classes.timeOff}
            style={{ top, height, insetInlineStart: `calc(44px + (100% - 44px) * ${lane / of})`, width: `calc((100% - 44px) / ${of})` }}
            title={spoken}
          >
            <VisuallyHidden>{spoken}</VisuallyHidden>
            <span className={classes.timeOffLabel} aria-hidden>
              {props.named ? text.board.timeOffOf(each.clinician) : text.board.timeOff}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function AgendaEntry(props: {
  appointment: LiveAppointmentFragment;
  timeZone: string;
  narrow: boolean;
  onOpen: (id: string) => void;
}): ReactNode {
  const { text, language } = useLanguage();
  const { data, complete } = useFragment({ fragment: AGENDA_ENTRY, fragmentName: 'AgendaEntry', from: props.appointment });
  if (!complete) return null;
  const time = clockTime(data.startsAt, props.timeZone, language.tag);
  const name = personName(data, text);
  return (
    <button
      type="button"
      className={classes.entry}
      data-section={sectionOf(data)}
      data-conflict={data.hasConflict}
      aria-label={`${time}, ${name}${data.hasConflict ? `, ${text.board.conflict}` : ''}`}
      onClick={() => props.onOpen(data.id)}
    >
      {!props.narrow && <span className={classes.entryTime}>{time} </span>}
      {name}
    </button>
  );
}

function hoursShown(
  appointments: readonly LiveAppointmentFragment[],
  day: Temporal.PlainDate,
  zone: string,
): { start: number; end: number } {
  const hour = (at: number): number => day.toZonedDateTime({ timeZone: zone, plainTime: new Temporal.PlainTime(at) }).epochMilliseconds;
  const bounds = dayBounds(day, zone);
  const starts = appointments.map((each) => Date.parse(each.startsAt));
  const ends = appointments.map((each) => Date.parse(each.endsAt));
  const earliest = Math.min(hour(USUAL_HOURS.from), ...starts);
  const latest = Math.max(hour(USUAL_HOURS.to), ...ends);
  const wholeHour = 60 * MINUTE_MS;
  return {
    start: Math.max(Date.parse(bounds.from), Math.floor(earliest / wholeHour) * wholeHour),
    end: Math.min(Date.parse(bounds.to), Math.ceil(latest / wholeHour) * wholeHour),
  };
}

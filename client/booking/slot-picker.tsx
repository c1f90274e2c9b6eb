/** Two weeks of days, the next free one first, and the times of the chosen day by part of day. */
import { ActionIcon, Skeleton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import { useLanguage } from '../i18n/language.tsx';
import { RetryButton } from '../shell/page-states.tsx';
import { clockTime, dayOf, longPlainDay, monthName, sameWallClock, today, weekday, zoneCity } from '../time/clinic-time.ts';
import { type FreeSlot, useCalcomAvailableSlots } from './hooks/use-calcom-available-slots.ts';
import classes from './slot-picker.module.css';

const DAYS = 14;
const NOON = 12;
const EVENING = 17;

export interface SlotPickerProps {
  eventTypeIds: readonly string[];
  /** In which days and times are shown. */
  timeZone: string;
  clinicTimeZone: string;
  durationMinutes?: number | undefined;
  rescheduling?: string | undefined;
  holdId?: string | undefined;
  /** Start of the chosen slot. */
  chosen: string | null;
  onChoose: (slot: FreeSlot) => void;
}

export function SlotPicker(props: SlotPickerProps): ReactNode {
  const { text, language } = useLanguage();
  const zone = props.timeZone;
  const [firstDay, setFirstDay] = useState(() => today(zone));
  const [picked, setPicked] = useState<Temporal.PlainDate | null>(null);
  const range = useMemo(
    () => ({
      from: firstDay.toZonedDateTime(zone).toInstant().toString(),
      to: firstDay.add({ days: DAYS }).toZonedDateTime(zone).toInstant().toString(),
    }),
    [firstDay, zone],
  );
  const slots = useCalcomAvailableSlots({
    eventTypeIds: props.eventTypeIds,
    ...range,
    timeZone: zone,
    durationMinutes: props.durationMinutes,
    rescheduling: props.rescheduling,
    holdId: props.holdId,
  });
  const byDay = useMemo(() => groupByDay(slots.free, zone), [slots.free, zone]);
  const days = useMemo(() => Array.from({ length: DAYS }, (_, index) => firstDay.add({ days: index })), [firstDay]);
  const nextFree = days.find((day) => byDay.has(day.toString())) ?? null;
  const day = picked ?? nextFree;
  const ofDay = day === null ? [] : (byDay.get(day.toString()) ?? []);
  const show = (first: Temporal.PlainDate): void => {
    setFirstDay(first);
    setPicked(null);
  };
  const isFirst = Temporal.PlainDate.compare(firstDay, today(zone)) <= 0;

  if (slots.phase === 'failed') {
    return (
      <div className={classes.failed} role="alert">
        <strong>{text.booking.timesFailedTitle}</strong>
        <p>{text.booking.timesFailed}</p>
        <RetryButton onClick={slots.reload} />
      </div>
    );
  }
  return (
    <div className={classes.picker}>
      <div className={classes.strip}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          disabled={isFirst}
          aria-label={text.booking.earlier}
          onClick={() => show(firstDay.subtract({ days: DAYS }))}
        >
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <div className={classes.days} role="group" aria-label={text.booking.days}>
          {days.map((each) => {
            const count = byDay.get(each.toString())?.length ?? 0;
            const spoken = `${longPlainDay(each, language.tag)}: ${slots.phase === 'loading' ? text.frame.loading : count === 0 ? text.booking.none : text.booking.free(count)}`;
            return (
              <button
                key={each.toString()}
                type="button"
                className={classes.day}
                aria-pressed={day?.equals(each) ?? false}
                aria-label={spoken}
                data-free={count > 0}
                disabled={slots.phase === 'ready' && count === 0}
                onClick={() => setPicked(each)}
              >
                <span className={classes.weekday}>{weekday(each, language.tag)}</span>
                <span className={classes.number}>{each.day}</span>
                <span className={classes.month}>{monthName(each, language.tag)}</span>
              </button>
            );
          })}
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={text.booking.later}
          onClick={() => show(firstDay.add({ days: DAYS }))}
        >
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </div>
      {slots.phase === 'loading' ? (
        <div className={classes.times} role="status" aria-label={text.frame.loading}>
          {Array.from({ length: 10 }, (_, index) => (
            <Skeleton key={index} height={44} radius="md" />
          ))}
        </div>
      ) : day === null ? (
        <div className={classes.none}>
          <p>{text.booking.noTimes}</p>
          {slots.nextFreeDay !== null && <NextFree at={slots.nextFreeDay} timeZone={zone} onShow={show} />}
        </div>
      ) : (
        <DaySlots {...props} day={day} slots={ofDay} stale={slots.stale ? slots.asOf : null} partial={slots.partial} />
      )}
    </div>
  );
}

function NextFree({ at, timeZone, onShow }: { at: string; timeZone: string; onShow: (day: Temporal.PlainDate) => void }): ReactNode {
  const { text, language } = useLanguage();
  const day = dayOf(at, timeZone);
  return (
    <button type="button" className={classes.nextFree} onClick={() => onShow(day)}>
      {text.booking.nextFree(longPlainDay(day, language.tag))}
    </button>
  );
}

function DaySlots(
  props: SlotPickerProps & { day: Temporal.PlainDate; slots: readonly FreeSlot[]; stale: string | null; partial: boolean },
): ReactNode {
  const { text, language } = useLanguage();
  const { timeZone, clinicTimeZone } = props;
  const [first] = props.slots;
  const differs = first !== undefined && !sameWallClock(first.startsAt, timeZone, clinicTimeZone);
  const parts = [
    { name: text.booking.morning, slots: props.slots.filter((slot) => hourOf(slot.startsAt, timeZone) < NOON) },
    {
      name: text.booking.afternoon,
      slots: props.slots.filter((slot) => hourOf(slot.startsAt, timeZone) >= NOON && hourOf(slot.startsAt, timeZone) < EVENING),
    },
    { name: text.booking.evening, slots: props.slots.filter((slot) => hourOf(slot.startsAt, timeZone) >= EVENING) },
  ].filter((part) => part.slots.length > 0);
  return (
    <div className={classes.ofDay}>
      <div className={classes.dayHead}>
        <h3>{longPlainDay(props.day, language.tag)}</h3>
        <p className={classes.zone}>
          {text.booking.yourTime(zoneCity(timeZone))}
          {differs && ` · ${text.booking.clinicTime(zoneCity(clinicTimeZone))}`}
        </p>
      </div>
      {props.stale !== null && <p className={classes.note}>{text.booking.staleTimes(clockTime(props.stale, timeZone, language.tag))}</p>}
      {props.partial && <p className={classes.note}>{text.booking.someTimesMissing}</p>}
      {parts.length === 0 && <p className={classes.none}>{text.booking.noTimesDay}</p>}
      {parts.map((part) => (
        <div key={part.name} role="group" aria-label={part.name}>
          <h4 className={classes.part}>{part.name}</h4>
          <div className={classes.times}>
            {part.slots.map((slot) => (
              <button
                key={slot.startsAt}
                type="button"
                className={classes.slot}
                data-testid="slot"
                aria-pressed={props.chosen !== null && Date.parse(props.chosen) === Date.parse(slot.startsAt)}
                onClick={() => props.onChoose(slot)}
              >
                <time dateTime={slot.startsAt}>{clockTime(slot.startsAt, timeZone, language.tag)}</time>
                {differs && <span className={classes.clinicTime}>{clockTime(slot.startsAt, clinicTimeZone, language.tag)}</span>}
              </button>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

function hourOf(at: string, timeZone: string): number {
  return Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).hour;
}

function groupByDay(slots: readonly FreeSlot[], timeZone: string): Map<string, FreeSlot[]> {
  const days = new Map<string, FreeSlot[]>();
  for (const slot of slots) {
    const key = dayOf(slot.startsAt, timeZone).toString();
    const known = days.get(key);
    if (known === undefined) days.set(key, [slot]);
    else known.push(slot);
  }
  return days;
}

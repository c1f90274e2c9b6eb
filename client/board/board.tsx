/** The clinician board: one screen, live. Wide: agenda, columns, next up. Narrow: one section at a time. */
import { Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { CancelDialog } from '../appointments/cancel-dialog.tsx';
import { DeclineDialog } from '../appointments/decline-dialog.tsx';
import { personName } from '../appointments/person-name.ts';
import { RescheduleDialog } from '../appointments/reschedule-dialog.tsx';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useLiveAppointments } from '../live/use-live-appointments.ts';
import type { Clinic, Viewer } from '../session/use-viewer.ts';
import { Message, RetryButton } from '../shell/page-states.tsx';
import { dayBounds, today } from '../time/clinic-time.ts';
import { scrollToAhead } from '../time/scroll-to-ahead.ts';
import { Agenda } from './agenda.tsx';
import { AppointmentCard } from './appointment-card.tsx';
import { AppointmentDetails } from './appointment-details.tsx';
import { Announcer } from './announcer.tsx';
import { type Column, bySection, columns, folded, type Section } from './board-section.ts';
import { BoardToolbar } from './board-toolbar.tsx';
import { FoldedSections } from './folded-sections.tsx';
import { NextUp } from './next-up.tsx';
import { ReconnectNotices } from './reconnect-notice.tsx';
import { TimeOffNotice } from './time-off-notice.tsx';
import { useBoardActions } from './use-board-actions.tsx';
import { useBoardKeys } from './use-board-keys.ts';
import { useTimeOff } from './use-time-off.ts';
import { WaitingRoom } from './waiting-room.tsx';
import classes from './board.module.css';

export function Board({ viewer, clinic }: { viewer: Viewer; clinic: Clinic }): ReactNode {
  const { text } = useLanguage();
  const [day, setDay] = useState(() => today(clinic.timeZone));
  const [clinicianIds, setClinicianIds] = useState<readonly string[]>([]);
  const [search, setSearch] = useState('');
  const wide = useMediaQuery('(min-width: 1200px)', undefined, { getInitialValueInEffect: false });

  const filter = useMemo(() => {
    const { from, to } = dayBounds(day, clinic.timeZone);
    return { startsAfter: from, startsBefore: to, ...(clinicianIds.length === 0 ? {} : { clinicianIds: [...clinicianIds] }) };
  }, [day, clinic.timeZone, clinicianIds]);
  const live = useLiveAppointments(filter);
  const ownOnly = viewer.role === 'CLINICIAN' ? viewer.clinician?.id : undefined;
  const clinicianIdsSeen = useMemo(() => (ownOnly === undefined ? clinicianIds : [ownOnly]), [ownOnly, clinicianIds]);
  const several = clinicianIdsSeen.length !== 1;
  const timeOff = useTimeOff(filter.startsAfter, filter.startsBefore, clinicianIdsSeen);
  const acting = useBoardActions(live.appointments, live.seen);
  const [active, setActive] = useState<string | null>(null);
  const keys = useBoardKeys(live.appointments, active, acting.actions);

  const shown = useMemo(() => matching(live.appointments, search, (each) => personName(each, text)), [live.appointments, search, text]);
  const sections = useMemo(() => bySection(shown), [shown]);
  const reachable = active !== null && shown.some((each) => each.id === active) ? active : firstOnBoard(sections);
  const showClinician = viewer.clinician === null || viewer.clinician === undefined;

  const card = (appointment: LiveAppointmentFragment): ReactNode => (
    <li key={appointment.id} data-ends={Date.parse(appointment.endsAt)}>
      <AppointmentCard
        appointment={appointment}
        clinic={clinic}
        change={live.changes.get(appointment.id)}
        pending={acting.pending.has(appointment.id)}
        reachable={appointment.id === reachable}
        showClinician={showClinician}
        actions={acting.actions}
      />
    </li>
  );
  const asked = acting.question === null ? undefined : live.appointments.find((each) => each.id === acting.question?.appointmentId);

  return (
    <div className={classes.board}>
      <BoardToolbar
        day={day}
        onDay={setDay}
        clinic={clinic}
        viewer={viewer}
        clinicianIds={clinicianIds}
        onClinicianIds={setClinicianIds}
        search={search}
        onSearch={setSearch}
        changes={live.changes}
        appointments={live.appointments}
        help={keys.help}
        onHelp={keys.setHelp}
        onOpen={acting.actions.open}
      />
      <ReconnectNotices />
      <TimeOffNotice timeOff={timeOff} timeZone={clinic.timeZone} />
      <Announcer batch={live.batch} appointments={live.appointments} timeZone={clinic.timeZone} />
      {live.phase === 'failed' ? (
        <Message
          icon={<IconPlugConnectedX size={24} stroke={1.5} />}
          title={text.board.failedTitle}
          action={<RetryButton onClick={live.reload} />}
        >
          {text.board.failed}
        </Message>
      ) : !wide ? (
        <NarrowBoard sections={sections} card={card} loading={live.phase === 'loading'} query={search} onFocusCard={setActive}>
          <NextUp appointments={live.appointments} clinic={clinic} onOpen={acting.actions.open} />
          <WaitingRoom appointments={live.appointments} clinic={clinic} actions={acting.actions} />
        </NarrowBoard>
      ) : (
        <div className={classes.wide}>
          <Agenda
            appointments={live.appointments}
            timeOff={timeOff}
            named={several}
            clinic={clinic}
            day={day}
            onOpen={acting.actions.open}
          />
          <div className={classes.centre} onFocus={(event) => setActive(cardOf(event.target))} onKeyDown={keys.onArrow}>
            <div className={classes.columns} role="group" aria-label={text.board.columns}>
              {columns.map((column) => (
                <ColumnView
                  key={`${column} ${day.toString()}`}
                  column={column}
                  count={sections.get(column)?.length ?? 0}
                  loading={live.phase === 'loading'}
                >
                  {sections.get(column)?.map(card)}
                </ColumnView>
              ))}
            </div>
            {search !== '' && shown.length === 0 && <p className={classes.nobody}>{text.board.nobodyFound(search)}</p>}
            <FoldedSections sections={sections} card={card} />
          </div>
          <div className={classes.side}>
            <NextUp appointments={live.appointments} clinic={clinic} onOpen={acting.actions.open} />
            <WaitingRoom appointments={live.appointments} clinic={clinic} actions={acting.actions} />
          </div>
        </div>
      )}
      <AppointmentDetails appointmentId={acting.opened} clinic={clinic} actions={acting.actions} onClose={acting.close} />
      {asked !== undefined && acting.question?.kind === 'cancel' && (
        <CancelDialog appointment={asked} ownWords={false} onClose={acting.answered} />
      )}
      {asked !== undefined && acting.question?.kind === 'decline' && <DeclineDialog appointment={asked} onClose={acting.answered} />}
      {asked !== undefined && acting.question?.kind === 'reschedule' && (
        <RescheduleDialog appointmentId={asked.id} timeZone={clinic.timeZone} onClose={acting.answered} />
      )}
    </div>
  );
}

function ColumnView(props: { column: Column; count: number; loading: boolean; children: ReactNode }): ReactNode {
  const { text } = useLanguage();
  const title = props.column === 'REQUESTED' ? text.board.requested : text.care[props.column];
  const id = `column-${props.column}`;
  return (
    <section className={classes.column} data-column={props.column} aria-labelledby={id}>
      <h2 id={id} className={classes.columnTitle} data-section={props.column}>
        <span className={classes.columnDot} aria-hidden />
        {title}
        <span className={classes.count}>{props.count}</span>
      </h2>
      {props.loading ? (
        <CardSkeletons />
      ) : props.count === 0 ? (
        <p className={classes.empty}>{text.board.empty[props.column]}</p>
      ) : (
        <ul className={classes.cards} ref={scrollToAhead}>
          {props.children}
        </ul>
      )}
    </section>
  );
}

function NarrowBoard(props: {
  sections: Map<Section, LiveAppointmentFragment[]>;
  card: (appointment: LiveAppointmentFragment) => ReactNode;
  loading: boolean;
  query: string;
  onFocusCard: (id: string | null) => void;
  children: ReactNode;
}): ReactNode {
  const { text } = useLanguage();
  const [chosen, setChosen] = useState<Section | 'NOW'>('EXPECTED');
  const titles: Record<Section | 'NOW', string> = {
    NOW: text.board.now,
    ...text.care,
    ...text.board.folded,
    REQUESTED: text.board.requested,
  };
  const items = chosen === 'NOW' ? [] : (props.sections.get(chosen) ?? []);
  return (
    <div className={classes.narrow} onFocus={(event) => props.onFocusCard(cardOf(event.target))}>
      <div className={classes.segments} role="group" aria-label={text.board.sections}>
        {(['NOW', ...columns, ...folded] as const).map((section) => (
          <button
            key={section}
            type="button"
            className={classes.segment}
            aria-pressed={section === chosen}
            onClick={() => setChosen(section)}
          >
            {titles[section]}
            {section !== 'NOW' && <span className={classes.count}>{props.sections.get(section)?.length ?? 0}</span>}
          </button>
        ))}
      </div>
      {chosen === 'NOW' ? (
        <div className={classes.nowList}>{props.children}</div>
      ) : props.loading ? (
        <CardSkeletons />
      ) : items.length === 0 ? (
        <p className={classes.empty}>{props.query === '' ? text.board.emptyDay : text.board.nobodyFound(props.query)}</p>
      ) : (
        <ul className={classes.grid} data-column={chosen} aria-label={titles[chosen]}>
          {items.map(props.card)}
        </ul>
      )}
    </div>
  );
}

function CardSkeletons(): ReactNode {
  return (
    <div className={classes.cards} aria-hidden>
      <Skeleton height={96} radius="md" />
      <Skeleton height={96} radius="md" />
    </div>
  );
}

function cardOf(target: EventTarget): string | null {
  return target instanceof Element ? (target.closest<HTMLElement>('[data-card]')?.dataset.card ?? null) : null;
}

function firstOnBoard(sections: Map<Section, LiveAppointmentFragment[]>): string | null {
  for (const section of [...columns, ...folded]) {
    const first = sections.get(section)?.[0];
    if (first !== undefined) return first.id;
  }
  return null;
}

function matching<Item>(items: readonly Item[], search: string, nameOf: (item: Item) => string): readonly Item[] {
  const wanted = plain(search);
  return wanted === '' ? items : items.filter((item) => plain(nameOf(item)).includes(wanted));
}

/** "René" is found by "rene". */
function plain(words: string): string {
  return words
    .trim()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

/** The board's top bar: the day and its zone, whose appointments, a name to find, the keys, and the connection. */
import { ActionIcon, Button, CloseButton, Drawer, Kbd, Modal, TextInput, Tooltip } from '@mantine/core';
import { skipToken, useQuery } from '@apollo/client/react';
import { IconChevronLeft, IconChevronRight, IconHistory, IconKeyboard, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { Temporal } from 'temporal-polyfill';
import { personName } from '../appointments/person-name.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { AppointmentChange } from '../live/appointment-change.ts';
import { ConnectionPill } from '../live/connection-pill.tsx';
import type { Clinic, Viewer } from '../session/use-viewer.ts';
import { clockTime, longPlainDay, today, zoneCity } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { changeWords } from './change-words.ts';
import classes from './board-toolbar.module.css';

const CLINICIANS = graphql(`
  query BoardClinicians {
    clinicians {
      id
      name
    }
  }
`);

export interface BoardToolbarProps {
  day: Temporal.PlainDate;
  onDay: (day: Temporal.PlainDate) => void;
  clinic: Clinic;
  viewer: Viewer;
  /** Empty: all. */
  clinicianIds: readonly string[];
  onClinicianIds: (ids: readonly string[]) => void;
  search: string;
  onSearch: (words: string) => void;
  appointments: readonly LiveAppointmentFragment[];
  changes: ReadonlyMap<string, AppointmentChange>;
  help: boolean;
  onHelp: (shown: boolean) => void;
  onOpen: (appointmentId: string) => void;
}

export function BoardToolbar(props: BoardToolbarProps): ReactNode {
  const { text, language } = useLanguage();
  const { clinic, day } = props;
  const current = today(clinic.timeZone);
  const now = useNow(15_000);
  return (
    <div className={classes.toolbar}>
      <div className={classes.day}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={text.board.previousDay}
          onClick={() => props.onDay(day.subtract({ days: 1 }))}
        >
          <IconChevronLeft size={18} aria-hidden className={classes.mirrored} />
        </ActionIcon>
        <h1 className={classes.title}>{longPlainDay(day, language.tag)}</h1>
        <ActionIcon variant="subtle" color="gray" aria-label={text.board.nextDay} onClick={() => props.onDay(day.add({ days: 1 }))}>
          <IconChevronRight size={18} aria-hidden className={classes.mirrored} />
        </ActionIcon>
        {day.equals(current) ? (
          <span className={classes.zone}>
            <time>{clockTime(new Date(now).toISOString(), clinic.timeZone, language.tag)}</time>{' '}
            <span className={classes.city}>{zoneCity(clinic.timeZone)}</span>
          </span>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => props.onDay(current)}>
            {text.board.today}
          </Button>
        )}
      </div>
      <ClinicianChips viewer={props.viewer} chosen={props.clinicianIds} onChoose={props.onClinicianIds} />
      <div className={classes.tools}>
        <AwayNotice {...props} />
        <TextInput
          className={classes.search}
          size="xs"
          type="search"
          value={props.search}
          onChange={(event) => props.onSearch(event.currentTarget.value)}
          placeholder={text.board.search}
          aria-label={text.board.search}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={
            props.search === '' ? null : <CloseButton size="xs" aria-label={text.board.clear} onClick={() => props.onSearch('')} />
          }
        />
        <Tooltip label={text.board.keysTitle}>
          <ActionIcon
            className={classes.keys}
            variant="subtle"
            color="gray"
            aria-label={text.board.keysTitle}
            aria-keyshortcuts="?"
            onClick={() => props.onHelp(true)}
          >
            <IconKeyboard size={19} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ConnectionPill timeZone={clinic.timeZone} />
      </div>
      <KeysDialog opened={props.help} onClose={() => props.onHelp(false)} />
    </div>
  );
}

/** Only for those who see more than their own. */
function ClinicianChips(props: { viewer: Viewer; chosen: readonly string[]; onChoose: (ids: readonly string[]) => void }): ReactNode {
  const { text } = useLanguage();
  const own = props.viewer.clinician?.id;
  const { data } = useQuery(CLINICIANS, own !== undefined && props.viewer.role === 'CLINICIAN' ? skipToken : {});
  const clinicians = data?.clinicians ?? [];
  if (clinicians.length < 2) return null;
  const toggle = (id: string): void =>
    props.onChoose(props.chosen.includes(id) ? props.chosen.filter((each) => each !== id) : [...props.chosen, id]);
  return (
    <div className={classes.chips} role="group" aria-label={text.board.clinicians}>
      <button type="button" className={classes.chip} aria-pressed={props.chosen.length === 0} onClick={() => props.onChoose([])}>
        {text.board.all}
      </button>
      {clinicians.map(({ id, name }) => (
        <button key={id} type="button" className={classes.chip} aria-pressed={props.chosen.includes(id)} onClick={() => toggle(id)}>
          {id === own ? text.board.mine : name}
        </button>
      ))}
    </div>
  );
}

/** What happened while the connection was away: a count, and the list behind it. */
function AwayNotice(props: BoardToolbarProps): ReactNode {
  const { text, language } = useLanguage();
  const [opened, setOpened] = useState(false);
  const missed = [...props.changes.values()].filter((change) => change.replayed);
  if (missed.length === 0) return null;
  const words = { text, language: language.tag, timeZone: props.clinic.timeZone };
  return (
    <>
      <Button size="compact-sm" variant="light" leftSection={<IconHistory size={15} aria-hidden />} onClick={() => setOpened(true)}>
        {text.change.away(missed.length)}
      </Button>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        position="right"
        size="sm"
        title={text.change.away(missed.length)}
        closeButtonProps={{ 'aria-label': text.frame.close }}
      >
        <ul className={classes.missed}>
          {missed.map((change) => {
            const appointment = props.appointments.find((each) => each.id === change.appointmentId);
            return (
              <li key={change.appointmentId}>
                <button type="button" className={classes.missedEntry} onClick={() => props.onOpen(change.appointmentId)}>
                  <strong>{appointment === undefined ? text.board.nobody : personName(appointment, text)}</strong>
                  <span>{changeWords(change, appointment ?? null, words)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </Drawer>
    </>
  );
}

function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { text } = useLanguage();
  const keys: [string[], string][] = [
    [['←', '↑', '↓', '→'], text.board.keyMove],
    [['Enter'], text.board.keyOpen],
    [['c'], text.action.checkIn],
    [['r'], text.action.toRoom],
    [['s'], text.action.start],
    [['d'], text.action.finish],
    [['n'], text.action.noShow],
    [['u'], text.action.undo],
    [['?'], text.board.keyHelp],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title={text.board.keysTitle} size="sm" closeButtonProps={{ 'aria-label': text.frame.close }}>
      <dl className={classes.keyList}>
        {keys.map(([names, meaning]) => (
          <div key={meaning} className={classes.keyRow}>
            <dt>
              {names.map((name) => (
                <Kbd key={name}>{name}</Kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

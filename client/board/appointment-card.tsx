/** One appointment on the board: when, who, what, how long already, what changed, and what to do next. */
import { ActionIcon, Button, Loader, Menu } from '@mantine/core';
import { useFragment } from '@apollo/client/react';
import type { FragmentType } from '@apollo/client';
import {
  IconAlertTriangle,
  IconCalendarTime,
  IconCircleCheck,
  IconClock,
  IconDots,
  IconInfoCircle,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { KindIcon } from '../appointments/kind-icon.tsx';
import { personName } from '../appointments/person-name.ts';
import type { AppointmentCardFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { AppointmentChange } from '../live/appointment-change.ts';
import type { Clinic } from '../session/use-viewer.ts';
import { clockTime, minutesBetween } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import type { BoardActions } from './board-actions.ts';
import { sectionOf, type Section } from './board-section.ts';
import { careSteps } from './care-step.ts';
import { changeWords, latencyWords } from './change-words.ts';
import classes from './appointment-card.module.css';

const APPOINTMENT_CARD = graphql(`
  fragment AppointmentCard on Appointment {
    id
    version
    startsAt
    endsAt
    status
    careState
    careChangedAt
    consultationType
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
    clinician {
      id
      name
    }
    eventType {
      id
      title
    }
    viewerMay
  }
`);

export interface AppointmentCardProps {
  appointment: FragmentType<AppointmentCardFragment>;
  clinic: Clinic;
  change: AppointmentChange | undefined;
  pending: boolean;
  /** The one card that Tab reaches; arrow keys go on from there. */
  reachable: boolean;
  showClinician: boolean;
  actions: BoardActions;
}

const WAITING: readonly Section[] = ['ARRIVED', 'IN_ROOM'];
/** Words of a change stay readable this long, unless the details were opened before. */
const CHANGED_FOR_MS = 15 * 60_000;

export const AppointmentCard = memo(function AppointmentCard(props: AppointmentCardProps): ReactNode {
  const { text, language } = useLanguage();
  const { data, complete } = useFragment({ fragment: APPOINTMENT_CARD, fragmentName: 'AppointmentCard', from: props.appointment });
  if (!complete) return null;
  const zone = props.clinic.timeZone;
  const section = sectionOf(data);
  const name = personName(data, text);
  const state =
    data.status === 'CONFIRMED' && section in text.care ? text.care[section as keyof typeof text.care] : text.status[data.status];
  const from = clockTime(data.startsAt, zone, language.tag);
  return (
    <article
      className={classes.card}
      data-card={data.id}
      data-section={section}
      data-testid="card"
      aria-label={text.board.card(from, name, state)}
      aria-busy={props.pending}
      tabIndex={props.reachable ? 0 : -1}
    >
      {props.change !== undefined && <span key={`${props.change.version}-${props.change.shownAt}`} className={classes.tint} aria-hidden />}
      <div className={classes.top}>
        <span className={classes.time}>
          <time dateTime={data.startsAt}>{from}</time>–<time dateTime={data.endsAt}>{clockTime(data.endsAt, zone, language.tag)}</time>
        </span>
        <span className={classes.marks}>
          {props.pending && <Loader size={12} aria-label={text.board.pending} />}
          {data.hasConflict && (
            <IconAlertTriangle size={15} stroke={1.9} className={classes.conflict} role="img" aria-label={text.board.conflict} />
          )}
          <KindIcon kind={data.consultationType} size={15} />
        </span>
      </div>
      <h3 className={classes.name}>
        <button
          type="button"
          className={classes.open}
          tabIndex={-1}
          aria-label={text.board.openDetails(name)}
          onClick={() => props.actions.open(data.id)}
        >
          {name}
        </button>
      </h3>
      <p className={classes.what}>
        {data.eventType?.title}
        {props.showClinician && data.clinician != null && <span className={classes.clinician}>{data.clinician.name}</span>}
      </p>
      <Clock section={section} startsAt={data.startsAt} careChangedAt={data.careChangedAt ?? null} clinic={props.clinic} />
      <ChangeNote change={props.change} appointment={data} timeZone={zone} />
      <CardActions
        appointment={data}
        name={name}
        section={section}
        reachable={props.reachable}
        pending={props.pending}
        actions={props.actions}
      />
    </article>
  );
});

/** Waiting, late, or with the clinician: minutes, amber and red by the clinic's thresholds, said in words too. */
function Clock(props: { section: Section; startsAt: string; careChangedAt: string | null; clinic: Clinic }): ReactNode {
  const { text } = useLanguage();
  const now = useNow(15_000);
  const { waitAmberMinutes, waitRedMinutes } = props.clinic;
  if (WAITING.includes(props.section) && props.careChangedAt !== null) {
    const minutes = minutesBetween(props.careChangedAt, now);
    const level = minutes >= waitRedMinutes ? 'red' : minutes >= waitAmberMinutes ? 'amber' : 'calm';
    return <ClockChip level={level} words={text.board.waiting(minutes)} />;
  }
  if (props.section === 'WITH_CLINICIAN' && props.careChangedAt !== null) {
    return <ClockChip level="calm" words={text.board.since(minutesBetween(props.careChangedAt, now))} />;
  }
  if (props.section === 'EXPECTED') {
    const late = minutesBetween(props.startsAt, now);
    if (late >= 1 && late < 12 * 60)
      return (
        <ClockChip level={late >= waitRedMinutes ? 'red' : late >= waitAmberMinutes ? 'amber' : 'calm'} words={text.board.late(late)} />
      );
  }
  return null;
}

function ClockChip({ level, words }: { level: 'calm' | 'amber' | 'red'; words: string }): ReactNode {
  return (
    <span className={classes.clock} data-level={level}>
      {level === 'red' ? <IconAlertTriangle size={13} aria-hidden /> : <IconClock size={13} aria-hidden />}
      {words}
    </span>
  );
}

function ChangeNote(props: { change: AppointmentChange | undefined; appointment: AppointmentCardFragment; timeZone: string }): ReactNode {
  const { text, language } = useLanguage();
  const now = useNow(15_000);
  const { change } = props;
  if (change === undefined || now - change.shownAt > CHANGED_FOR_MS) return null;
  const words = { text, language: language.tag, timeZone: props.timeZone };
  const latency = latencyWords(change, words);
  return (
    <p className={classes.change} data-testid="change">
      <span className={classes.dot} aria-hidden />
      <span>
        {changeWords(change, props.appointment, words)}
        {latency !== null && <span className={classes.latency}> · {latency}</span>}
      </span>
    </p>
  );
}

function CardActions(props: {
  appointment: AppointmentCardFragment;
  name: string;
  section: Section;
  reachable: boolean;
  pending: boolean;
  actions: BoardActions;
}): ReactNode {
  const { text } = useLanguage();
  const { appointment, actions, section } = props;
  const { id, viewerMay } = appointment;
  const tabIndex = props.reachable ? 0 : -1;
  const steps = appointment.seated ? [] : careSteps(section, viewerMay);
  const [first, ...others] = steps;
  const requested = section === 'REQUESTED';
  return (
    <div className={classes.actions}>
      {requested && viewerMay.includes('CONFIRM') && (
        <Button
          size="compact-xs"
          className={classes.primary}
          variant="light"
          tabIndex={tabIndex}
          disabled={props.pending}
          onClick={() => actions.confirm(id)}
        >
          {text.action.confirm}
        </Button>
      )}
      {first !== undefined && (
        <Button
          size="compact-xs"
          className={classes.primary}
          variant="light"
          tabIndex={tabIndex}
          aria-keyshortcuts={first.key}
          disabled={props.pending}
          onClick={() => actions.move(id, first.to)}
        >
          {text.action[first.label]}
        </Button>
      )}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size={24} variant="subtle" color="gray" tabIndex={tabIndex} aria-label={text.board.more(props.name)}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {others.map((step) => (
            <Menu.Item key={step.to} leftSection={<IconCircleCheck size={16} aria-hidden />} onClick={() => actions.move(id, step.to)}>
              {text.action[step.label]}
            </Menu.Item>
          ))}
          {others.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<IconInfoCircle size={16} aria-hidden />} onClick={() => actions.open(id)}>
            {text.action.details}
          </Menu.Item>
          {viewerMay.includes('RESCHEDULE') && (
            <Menu.Item leftSection={<IconCalendarTime size={16} aria-hidden />} onClick={() => actions.ask('reschedule', id)}>
              {text.action.reschedule}
            </Menu.Item>
          )}
          {viewerMay.includes('DECLINE') && (
            <Menu.Item color="red" leftSection={<IconX size={16} aria-hidden />} onClick={() => actions.ask('decline', id)}>
              {text.action.decline}
            </Menu.Item>
          )}
          {viewerMay.includes('CANCEL') && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => actions.ask('cancel', id)}>
              {text.action.cancel}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

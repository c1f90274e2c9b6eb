/** Everything about one appointment, beside the board: facts, participants of a group, and what happened so far. */
import { Button, Drawer } from '@mantine/core';
import { skipToken, useQuery } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { KindIcon } from '../appointments/kind-icon.tsx';
import { personName } from '../appointments/person-name.ts';
import { StatusBadge } from '../appointments/status-badge.tsx';
import type { AppointmentDetailsQuery } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { Clinic } from '../session/use-viewer.ts';
import { PageLoading } from '../shell/page-states.tsx';
import { clockTime, longDay, shortDay } from '../time/clinic-time.ts';
import type { BoardActions } from './board-actions.ts';
import { careSteps } from './care-step.ts';
import { changeWords } from './change-words.ts';
import classes from './appointment-details.module.css';

const APPOINTMENT_DETAILS = graphql(`
  query AppointmentDetails($id: ID!) {
    appointment(id: $id) {
      id
      version
      startsAt
      endsAt
      status
      careState
      consultationType
      location
      seated
      reason
      cancellationReason
      rejectionReason
      viewerMay
      patient {
        id
        name
        email
        phone
      }
      participants {
        id
        name
        email
        phone
        careState
        state
      }
      clinician {
        id
        name
      }
      hosts {
        name
        organizer
      }
      eventType {
        id
        title
      }
      history(first: 20) {
        nodes {
          kind
          version
          at
          cause
          actor {
            id
            name
          }
          previous {
            startsAt
            status
            careState
          }
          current {
            startsAt
            status
            careState
          }
        }
      }
    }
  }
`);

type Details = NonNullable<AppointmentDetailsQuery['appointment']>;

export function AppointmentDetails(props: {
  appointmentId: string | null;
  clinic: Clinic;
  actions: BoardActions;
  onClose: () => void;
}): ReactNode {
  const { text } = useLanguage();
  const { data, dataState, loading, error } = useQuery(
    APPOINTMENT_DETAILS,
    // The history has grown since it was last looked at.
    props.appointmentId === null ? skipToken : { variables: { id: props.appointmentId }, fetchPolicy: 'cache-and-network' },
  );
  const appointment = dataState === 'complete' && data.appointment?.id === props.appointmentId ? data.appointment : undefined;
  return (
    <Drawer
      opened={props.appointmentId !== null}
      onClose={props.onClose}
      position="right"
      size={440}
      title={appointment == null ? text.details.title : personName(appointment, text)}
      closeButtonProps={{ 'aria-label': text.frame.close }}
    >
      {appointment != null ? (
        <Facts appointment={appointment} clinic={props.clinic} actions={props.actions} onClose={props.onClose} />
      ) : loading ? (
        <PageLoading />
      ) : (
        <p>{error === undefined ? text.refusal.NotFound : text.board.failed}</p>
      )}
    </Drawer>
  );
}

function Facts(props: { appointment: Details; clinic: Clinic; actions: BoardActions; onClose: () => void }): ReactNode {
  const { text, language } = useLanguage();
  const { appointment, clinic, actions } = props;
  const zone = clinic.timeZone;
  const others = appointment.hosts.filter((host) => !host.organizer);
  const contact = [appointment.patient?.phone, appointment.patient?.email ?? appointment.participants[0]?.email].filter(
    (each) => each != null,
  );
  const then = (act: () => void) => () => {
    props.onClose();
    act();
  };
  return (
    <div className={classes.details}>
      <StatusBadge status={appointment.status} careState={appointment.careState ?? null} />
      <dl className={classes.facts}>
        <Fact name={text.details.when}>
          {longDay(appointment.startsAt, zone, language.tag)}, {clockTime(appointment.startsAt, zone, language.tag)}–
          {clockTime(appointment.endsAt, zone, language.tag)}
        </Fact>
        <Fact name={text.details.type}>{appointment.eventType?.title ?? '–'}</Fact>
        <Fact name={text.details.how}>
          <span className={classes.inline}>
            <KindIcon kind={appointment.consultationType} size={15} decorative /> {text.kind[appointment.consultationType]}
          </span>
        </Fact>
        {appointment.clinician != null && <Fact name={text.details.clinician}>{appointment.clinician.name}</Fact>}
        {others.length > 0 && <Fact name={text.details.hosts}>{others.map((host) => host.name).join(', ')}</Fact>}
        {!appointment.seated && contact.length > 0 && <Fact name={text.details.contact}>{contact.join(' · ')}</Fact>}
        <Fact name={text.details.reason}>{appointment.reason ?? text.details.noReason}</Fact>
        {appointment.cancellationReason != null && <Fact name={text.details.cancellationReason}>{appointment.cancellationReason}</Fact>}
        {appointment.rejectionReason != null && <Fact name={text.details.rejectionReason}>{appointment.rejectionReason}</Fact>}
      </dl>
      {appointment.seated && <Participants appointment={appointment} actions={actions} />}
      <div className={classes.actions}>
        {appointment.viewerMay.includes('CONFIRM') && (
          <Button onClick={then(() => actions.confirm(appointment.id))}>{text.action.confirm}</Button>
        )}
        {appointment.viewerMay.includes('RESCHEDULE') && (
          <Button variant="default" onClick={then(() => actions.ask('reschedule', appointment.id))}>
            {text.action.reschedule}
          </Button>
        )}
        {appointment.viewerMay.includes('DECLINE') && (
          <Button variant="default" onClick={then(() => actions.ask('decline', appointment.id))}>
            {text.action.decline}
          </Button>
        )}
        {appointment.viewerMay.includes('CANCEL') && (
          <Button variant="default" onClick={then(() => actions.ask('cancel', appointment.id))}>
            {text.action.cancel}
          </Button>
        )}
      </div>
      <section aria-labelledby="history">
        <h3 id="history" className={classes.subtitle}>
          {text.details.history}
        </h3>
        <ol className={classes.history}>
          {appointment.history.nodes.map((change) => (
            <li key={change.version} className={classes.entry}>
              <time dateTime={change.at} className={classes.at}>
                {shortDay(change.at, zone, language.tag)}, {clockTime(change.at, zone, language.tag)}
              </time>
              <span>
                {changeWords(
                  {
                    appointmentId: appointment.id,
                    version: change.version,
                    kind: change.kind,
                    previous:
                      change.previous == null
                        ? null
                        : {
                            startsAt: change.previous.startsAt,
                            status: change.previous.status,
                            careState: change.previous.careState ?? null,
                          },
                    changedFields: [],
                    shownAt: 0,
                    latencyMs: null,
                    replayed: false,
                  },
                  change.current,
                  { text, language: language.tag, timeZone: zone },
                )}
                <span className={classes.cause}>
                  {' '}
                  · {change.actor == null ? text.details.cause[change.cause] : text.details.by(change.actor.name)}
                </span>
              </span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Each participant of a group has a care state of their own. */
function Participants({ appointment, actions }: { appointment: Details; actions: BoardActions }): ReactNode {
  const { text } = useLanguage();
  return (
    <section aria-labelledby="participants">
      <h3 id="participants" className={classes.subtitle}>
        {text.details.participants}
      </h3>
      <ul className={classes.participants}>
        {appointment.participants
          .filter((each) => each.state === 'ACTIVE')
          .map((each) => {
            const [step] = careSteps(each.careState ?? 'EXPECTED', appointment.viewerMay);
            return (
              <li key={each.id} className={classes.participant}>
                <span>
                  {each.name}
                  <span className={classes.cause}> · {text.care[each.careState ?? 'EXPECTED']}</span>
                </span>
                {step !== undefined && (
                  <Button size="compact-xs" variant="light" onClick={() => actions.move(appointment.id, step.to, each.id)}>
                    {text.action[step.label]}
                  </Button>
                )}
              </li>
            );
          })}
      </ul>
    </section>
  );
}

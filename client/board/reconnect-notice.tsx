/** Whose access to Cal.com has ended, and the way back. The gateway tells it to admins and to the clinician, to nobody else. */
import { Button, CloseButton } from '@mantine/core';
import { useQuery } from '@apollo/client/react';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { POLL_MS, useRefetchOnFocus, whileHidden } from '../apollo/use-refetch-on-focus.ts';
import { graphql } from '../generated/gql.ts';
import { useText } from '../i18n/language.tsx';
import { refusalReason } from '../outcome/refusal.ts';
import { dismissedNotices } from './dismissed-notices.ts';
import { useConnectCalcom } from './use-connect-calcom.ts';
import classes from './notices.module.css';

const CONNECTIONS = graphql(`
  query BoardConnections {
    clinicians {
      id
      name
      calcomConnection {
        state
        offersSignIn
      }
    }
  }
`);

export function ReconnectNotices(): ReactNode {
  const { data, previousData, refetch } = useQuery(CONNECTIONS, {
    fetchPolicy: 'cache-and-network',
    pollInterval: POLL_MS,
    skipPollAttempt: whileHidden,
  });
  useRefetchOnFocus(refetch);
  const [dismissed, setDismissed] = useState(dismissedNotices.read);
  const ended = ((data ?? previousData)?.clinicians ?? []).filter(
    ({ id, calcomConnection }) => calcomConnection?.state === 'RECONNECT' && !dismissed.includes(id),
  );
  return ended.map(({ id, name, calcomConnection }) => (
    <ReconnectNotice
      key={id}
      clinicianId={id}
      name={name}
      offersSignIn={calcomConnection?.offersSignIn === true}
      onDismiss={() => setDismissed(dismissedNotices.add(id))}
    />
  ));
}

function ReconnectNotice(props: { clinicianId: string; name: string; offersSignIn: boolean; onDismiss: () => void }): ReactNode {
  const text = useText();
  const connect = useConnectCalcom();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const leave = async (): Promise<void> => {
    setBusy(true);
    setRefused(null);
    const refusal = await connect(props.clinicianId);
    // On the way to Cal.com the button stays busy.
    if (refusal === null) return;
    setRefused(refusal.message === '' ? text.refusal[refusalReason(refusal)] : refusal.message);
    setBusy(false);
  };
  return (
    <section className={classes.reconnect} aria-label={text.reconnect.title(props.name)} data-testid="reconnect">
      <IconPlugConnectedX className={classes.reconnectIcon} size={19} stroke={1.75} aria-hidden />
      <div className={classes.reconnectWords}>
        <p className={classes.reconnectTitle} role="status">
          {text.reconnect.title(props.name)}
        </p>
        <p>{props.offersSignIn ? text.reconnect.why : text.reconnect.withKey}</p>
        {refused !== null && (
          <p className={classes.refused} role="alert">
            {refused}
          </p>
        )}
      </div>
      {props.offersSignIn && (
        <Button size="xs" loading={busy} onClick={() => void leave()}>
          {text.reconnect.connect}
        </Button>
      )}
      <CloseButton className={classes.dismiss} size="sm" aria-label={text.reconnect.dismiss(props.name)} onClick={props.onDismiss} />
    </section>
  );
}

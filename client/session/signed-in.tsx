/** Shows its content to a signed-in person only; anybody else is told how to become one. */
import { Button, TextInput } from '@mantine/core';
import { IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { type SubmitEvent, type ReactNode, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { formText } from '../shell/form-text.ts';
import { Message, PageLoading, RetryButton } from '../shell/page-states.tsx';
import { usePerson } from './person.tsx';
import { readToken } from './token.ts';
import { tokenOfThisBrowser } from './token-place.ts';
import { type Clinic, useFrame, type Viewer } from './use-viewer.ts';
import classes from './signed-in.module.css';

export function SignedIn({ children }: { children: (viewer: Viewer, clinic: Clinic) => ReactNode }): ReactNode {
  const text = useText();
  const { viewer, clinic, failed, retry } = useFrame();
  if (failed) {
    return (
      <Message
        heading="h1"
        icon={<IconPlugConnectedX size={24} stroke={1.5} />}
        title={text.signIn.failed}
        action={<RetryButton onClick={retry} />}
      />
    );
  }
  if (clinic === null) return <PageLoading />;
  if (viewer === null) return <SignInPage sandbox={clinic.sandbox} hasTokenPlace={clinic.tokenUrl !== null} />;
  return children(viewer, clinic);
}

function SignInPage({ sandbox, hasTokenPlace }: { sandbox: boolean; hasTokenPlace: boolean }): ReactNode {
  const text = useText();
  const { store } = usePerson();
  const [looking, setLooking] = useState(hasTokenPlace);
  useEffect(() => {
    let left = false;
    if (!hasTokenPlace) return;
    void tokenOfThisBrowser().then((session) => {
      if (left) return;
      if (session !== null) store.save(session);
      setLooking(false);
    });
    return () => {
      left = true;
    };
  }, [hasTokenPlace, store]);
  if (looking) return <PageLoading />;
  return (
    <Message
      heading="h1"
      icon={<IconLock size={24} stroke={1.5} />}
      title={text.signIn.title}
      action={
        sandbox ? (
          <Button component={Link} to="/">
            {text.start.whoTitle}
          </Button>
        ) : (
          <TokenForm />
        )
      }
    >
      {text.signIn.intro} {sandbox && text.signIn.sandbox}
    </Message>
  );
}

/** For installations without the sandbox: a token of the identity provider or of the gateway's own command. */
export function TokenForm(): ReactNode {
  const text = useText();
  const { store } = usePerson();
  const [refused, setRefused] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = formText(new FormData(event.currentTarget), 'token');
    // Three parts and no spaces is all that can be said here; the gateway decides the rest.
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) store.save({ token, expiresAt: endOf(token), personaId: null });
    else setRefused(true);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        name="token"
        type="password"
        autoComplete="off"
        label={text.signIn.token}
        description={text.signIn.tokenHint}
        error={refused ? text.signIn.refused : undefined}
        required
      />
      <Button type="submit">{text.signIn.submit}</Button>
    </form>
  );
}

/** A pasted token was issued some time ago: only its own word for its end is known. */
function endOf(token: string): string | null {
  const { expiresAt } = readToken(token);
  return expiresAt === null ? null : new Date(expiresAt).toISOString();
}

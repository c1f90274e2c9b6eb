/** Where a browser arrives after its visit to Cal.com: `?result=` is one word of the gateway, and says how it went. */
import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { Message } from '../shell/page-states.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';

export default function ConnectedPage(): ReactNode {
  const text = useText();
  const [query] = useSearchParams();
  const result = query.get('result') ?? '';
  const outcome = isKnown(result, text.connected.outcome) ? text.connected.outcome[result] : text.connected.outcome.invalid;
  usePageTitle(outcome.title);
  const Icon = result === 'connected' || result === 'linked-only' ? IconPlugConnected : IconPlugConnectedX;
  return (
    <Message
      heading="h1"
      icon={<Icon size={24} stroke={1.5} />}
      title={outcome.title}
      action={
        <Button component={Link} to="/board">
          {text.start.goBoard}
        </Button>
      }
    >
      {outcome.say}
    </Message>
  );
}

function isKnown<Words extends object>(word: string, words: Words): word is Extract<keyof Words, string> {
  return Object.hasOwn(words, word);
}

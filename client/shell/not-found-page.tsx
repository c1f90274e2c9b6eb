import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { Message } from './page-states.tsx';
import { usePageTitle } from './use-page-title.ts';

export function NotFoundPage(): ReactNode {
  const text = useText();
  usePageTitle(text.frame.notFoundTitle);
  return (
    <Message
      heading="h1"
      icon={<IconMapQuestion size={24} stroke={1.5} />}
      title={text.frame.notFoundTitle}
      action={
        <Button component={Link} to="/" variant="default">
          {text.frame.toStart}
        </Button>
      }
    >
      {text.frame.notFound}
    </Message>
  );
}

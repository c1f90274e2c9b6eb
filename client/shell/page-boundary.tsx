/** Catches what a page throws, so that the frame stays and the person can go on. */
import { Button } from '@mantine/core';
import { IconMoodConfuzed } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useText } from '../i18n/language.tsx';
import { Message } from './page-states.tsx';

export class PageBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <BrokenPage /> : this.props.children;
  }
}

function BrokenPage(): ReactNode {
  const text = useText();
  return (
    <Message
      heading="h1"
      icon={<IconMoodConfuzed size={24} stroke={1.5} />}
      title={text.frame.brokenTitle}
      action={<Button onClick={() => location.reload()}>{text.frame.reload}</Button>}
    >
      {text.frame.broken}
    </Message>
  );
}

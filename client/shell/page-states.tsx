/** The states every page may be in before it can show anything of its own. */
import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '../i18n/language.tsx';
import classes from './page-states.module.css';

export function PageLoading(): ReactNode {
  const text = useText();
  return (
    <div className={classes.page} role="status">
      <Loader size="sm" type="dots" aria-hidden />
      <span className={classes.quiet}>{text.frame.loading}</span>
    </div>
  );
}

/** One calm message in the middle: an icon, what is the matter, what to do. */
export function Message(props: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
  heading?: 'h1' | 'h2' | 'h3';
}): ReactNode {
  const Heading = props.heading ?? 'h2';
  return (
    <div className={props.compact === true ? classes.compact : classes.page}>
      <span className={classes.icon} aria-hidden>
        {props.icon}
      </span>
      <Heading className={classes.title}>{props.title}</Heading>
      {props.children !== undefined && <div className={classes.quiet}>{props.children}</div>}
      {props.action}
    </div>
  );
}

export function RetryButton({ onClick }: { onClick: () => void }): ReactNode {
  const text = useText();
  return (
    <Button variant="default" onClick={onClick}>
      {text.frame.retry}
    </Button>
  );
}

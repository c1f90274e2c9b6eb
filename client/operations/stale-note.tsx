/** The gateway does not answer: what is shown is from before. */
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime, ownTimeZone } from '../time/clinic-time.ts';
import classes from './operations.module.css';

export function StaleNote({ since }: { since: string }): ReactNode {
  const { text, language } = useLanguage();
  return (
    <p className={classes.stale} role="status">
      <IconPlugConnectedX size={15} aria-hidden />
      {text.operations.stale(clockTime(since, ownTimeZone(), language.tag))}
    </p>
  );
}

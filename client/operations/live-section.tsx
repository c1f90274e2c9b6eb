/** Live delivery at this moment, as five figures. */
import { Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { Message, RetryButton } from '../shell/page-states.tsx';
import { useNow } from '../time/use-now.ts';
import { ageWords, durationWords } from './duration-words.ts';
import { useLiveState } from './operations-queries.ts';
import { StaleNote } from './stale-note.tsx';
import classes from './operations.module.css';

/** Later than this a person should look (server/http/health). */
const LATE_MS = 10_000;
const UNPROVEN_SECONDS = 45 * 60;

export function LiveSection(): ReactNode {
  const { text, language } = useLanguage();
  const say = text.operations;
  const { data, failed, retry } = useLiveState();
  const now = useNow(1_000);
  if (data === undefined && failed) {
    return (
      <Message compact icon={<IconPlugConnectedX size={24} stroke={1.5} />} title={say.failed} action={<RetryButton onClick={retry} />} />
    );
  }
  if (data === undefined) {
    return (
      <div className={classes.figures} role="status" aria-label={text.frame.loading}>
        {Array.from({ length: 5 }, (_, index) => (
          <Skeleton key={index} height={92} radius="md" />
        ))}
      </div>
    );
  }
  const { liveStatus, provenEqual } = data;
  const age = (at: string): string => ageWords((now - Date.parse(at)) / 1000, language.tag);
  const oldest = provenEqual[0];
  const unproven = provenEqual.filter(({ secondsSince }) => secondsSince == null || secondsSince > UNPROVEN_SECONDS).length;
  return (
    <section aria-labelledby="live-now" className={classes.section}>
      <div className={classes.sectionHead}>
        <h2 id="live-now">{say.now}</h2>
        {failed && <StaleNote since={liveStatus.asOf} />}
      </div>
      <dl className={classes.figures} data-testid="live-figures">
        <Figure label={say.streams} value={new Intl.NumberFormat(language.tag).format(liveStatus.streams)} note={say.streamsNote} />
        <Figure
          label={say.lag}
          value={liveStatus.lagMs === 0 ? say.lagNone : durationWords(liveStatus.lagMs, language.tag)}
          note={say.lagNote}
          well={liveStatus.lagMs < LATE_MS}
        />
        <Figure
          label={say.redis}
          value={say.redisState[liveStatus.redis]}
          note={say.redisNote[liveStatus.redis]}
          well={liveStatus.redis !== 'DOWN'}
        />
        <Figure
          label={say.lastWebhook}
          value={liveStatus.lastWebhookAt == null ? say.never : age(liveStatus.lastWebhookAt)}
          note={say.lastWebhookNote}
        />
        <Figure
          label={say.proven}
          value={oldest?.provenAt == null ? say.never : age(oldest.provenAt)}
          note={unproven === 0 ? say.provenNote : say.unproven(unproven, provenEqual.length)}
          well={unproven === 0}
        />
      </dl>
    </section>
  );
}

function Figure({ label, value, note, well }: { label: string; value: string; note: string; well?: boolean }): ReactNode {
  return (
    <div className={classes.figure} data-well={well}>
      <dt>
        {well === false && <IconAlertTriangle size={15} aria-hidden />}
        {well === true && <IconCircleCheck size={15} aria-hidden />}
        {label}
      </dt>
      <dd>
        <strong>{value}</strong>
        <span className={classes.note}>{note}</span>
      </dd>
    </div>
  );
}

/** Whether what is on the screen is true now. Colour, form and words say the same. */
import { Tooltip } from '@mantine/core';
import { IconCloudDownload, IconPlugConnectedX, IconPointFilled, IconWifiOff } from '@tabler/icons-react';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { usePerson } from '../session/person.tsx';
import { clockTime } from '../time/clinic-time.ts';
import { useNow } from '../time/use-now.ts';
import { connectionState } from './connection.ts';
import classes from './connection-pill.module.css';

export function ConnectionPill({ timeZone }: { timeZone: string }): ReactNode {
  const { monitor } = usePerson();
  const facts = useSyncExternalStore(monitor.subscribe, monitor.read);
  const now = useNow(1_000);
  const { text, language } = useLanguage();
  const say = text.connection;
  const state = connectionState(facts, Math.max(now, facts.lastSign ?? 0));
  const time = (at: number): string => clockTime(new Date(at).toISOString(), timeZone, language.tag);
  const show = (): { words: string; spoken: string; explain: string; icon: ReactNode } => {
    switch (state.kind) {
      case 'connecting':
        return {
          words: say.connecting,
          spoken: say.connecting,
          explain: say.explainCatchingUp,
          icon: <IconCloudDownload size={14} aria-hidden />,
        };
      case 'live': {
        const seconds = Math.max(0, Math.round((now - state.lastSign) / 1000));
        return {
          words: say.liveAge(seconds),
          spoken: say.live,
          explain: say.explainLive(seconds),
          icon: <IconPointFilled size={14} className={classes.beat} aria-hidden />,
        };
      }
      case 'catchingUp':
        return {
          words: say.catchingUp(state.count),
          spoken: say.catchingUp(state.count),
          explain: say.explainCatchingUp,
          icon: <IconCloudDownload size={14} aria-hidden />,
        };
      case 'stale':
        return {
          words: say.stale(time(state.since)),
          spoken: say.stale(time(state.since)),
          explain: say.explainStale,
          icon: <IconPlugConnectedX size={14} aria-hidden />,
        };
      case 'offline':
        return { words: say.offline, spoken: say.offline, explain: say.explainOffline, icon: <IconWifiOff size={14} aria-hidden /> };
    }
  };
  const { words, spoken, explain, icon } = show();
  return (
    <Tooltip label={explain} multiline w={260}>
      {/* Only the state is announced, not each second of its age. */}
      <span className={classes.pill} data-state={state.kind} data-testid="connection">
        {icon}
        <span aria-hidden>{words}</span>
        <span role="status" className={classes.spoken}>
          {spoken}
        </span>
      </span>
    </Tooltip>
  );
}

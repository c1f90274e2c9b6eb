/** Buttons that make Cal.com do something, and switches that make it hard. */
import { Button, Switch } from '@mantine/core';
import {
  IconArrowsShuffle,
  IconBolt,
  IconCalendarPlus,
  IconCalendarTime,
  IconCalendarX,
  IconCheck,
  IconUserOff,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/language.tsx';
import { type Fault, type Happened, type Happening, make, setFault } from './sandbox-control.ts';
import classes from './happenings.module.css';

const icons: Record<Happening, TablerIcon> = {
  book: IconCalendarPlus,
  reschedule: IconCalendarTime,
  cancel: IconCalendarX,
  confirm: IconCheck,
  decline: IconX,
  'no-show': IconUserOff,
  burst: IconBolt,
};
const happenings = ['book', 'reschedule', 'cancel', 'confirm', 'decline', 'no-show', 'burst'] as const;
const faults = ['drop', 'duplicate', 'reorder', 'delay', 'down'] as const;

export function Happenings(): ReactNode {
  const text = useText();
  const [busy, setBusy] = useState<Happening | null>(null);
  const [last, setLast] = useState<{ happening: Happening; happened: Happened } | null>(null);
  const run = async (happening: Happening): Promise<void> => {
    setBusy(happening);
    setLast({ happening, happened: await make(happening) });
    setBusy(null);
  };
  return (
    <section aria-labelledby="make" className={classes.section}>
      <h2 id="make">{text.start.makeTitle}</h2>
      <p className={classes.quiet}>{text.start.makeHint}</p>
      <div className={classes.buttons}>
        {happenings.map((happening) => {
          const Icon = icons[happening];
          return (
            <Button
              key={happening}
              variant="default"
              classNames={{ root: classes.button, label: classes.label }}
              leftSection={<Icon size={17} stroke={1.75} aria-hidden />}
              loading={busy === happening}
              disabled={busy !== null && busy !== happening}
              onClick={() => void run(happening)}
            >
              {text.start.make[happening]}
            </Button>
          );
        })}
      </div>
      <p role="status" className={classes.last} data-ok={last?.happened.ok ?? true}>
        {last !== null && <LastWords {...last} />}
      </p>
      <Faults />
    </section>
  );
}

function LastWords({ happened }: { happened: Happened }): ReactNode {
  const text = useText();
  return happened.ok ? (
    <>
      <IconCheck size={15} aria-hidden /> {text.start.happened}
      {happened.what !== null && `: ${happened.what}`}
    </>
  ) : (
    <>
      <IconX size={15} aria-hidden /> {text.start.notHappened}
      {happened.why !== null && `: ${happened.why}`}
    </>
  );
}

function Faults(): ReactNode {
  const text = useText();
  const [on, setOn] = useState<ReadonlySet<Fault>>(new Set());
  const toggle = async (fault: Fault): Promise<void> => {
    const wanted = !on.has(fault);
    const happened = await setFault(fault, wanted);
    if (!happened.ok) return;
    setOn((current) => {
      const next = new Set(current);
      if (wanted) next.add(fault);
      else next.delete(fault);
      return next;
    });
  };
  return (
    <details className={classes.faults}>
      <summary>
        <IconArrowsShuffle size={16} stroke={1.75} aria-hidden /> {text.start.faultsTitle}
      </summary>
      <p className={classes.quiet}>{text.start.faultsHint}</p>
      <div className={classes.switches}>
        {faults.map((fault) => (
          <Switch key={fault} label={text.start.faults[fault]} checked={on.has(fault)} onChange={() => void toggle(fault)} />
        ))}
      </div>
    </details>
  );
}

/** Single changes, newest or slowest, and where the time of the chosen one went. */
import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { DeliveryOrder } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { clockSeconds, shortDay } from '../time/clinic-time.ts';
import { durationWords } from './duration-words.ts';
import type { Waterfall } from './operations-queries.ts';
import { waterfallSteps } from './waterfall-steps.ts';
import classes from './operations.module.css';

export function WaterfallPanel(props: {
  waterfalls: readonly Waterfall[];
  timeZone: string;
  orderBy: DeliveryOrder;
  onOrderBy: (order: DeliveryOrder) => void;
}): ReactNode {
  const { text, language } = useLanguage();
  const say = text.operations;
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = props.waterfalls.find(({ id }) => id === chosen) ?? props.waterfalls[0];
  if (shown === undefined) return null;
  return (
    <section aria-labelledby="waterfall" className={classes.section}>
      <div className={classes.sectionHead}>
        <div>
          <h2 id="waterfall">{say.waterfall}</h2>
          <p className={classes.quiet}>{say.waterfallHint}</p>
        </div>
        <SegmentedControl
          size="sm"
          aria-label={say.order}
          value={props.orderBy}
          onChange={(value) => props.onOrderBy(value === 'SLOWEST' ? 'SLOWEST' : 'LATEST')}
          data={[
            { value: 'LATEST', label: say.latest },
            { value: 'SLOWEST', label: say.slowest },
          ]}
        />
      </div>
      <div className={classes.waterfall} data-testid="waterfall">
        <ul className={classes.choices}>
          {props.waterfalls.map((each) => (
            <li key={each.id}>
              <button type="button" className={classes.choice} aria-pressed={each.id === shown.id} onClick={() => setChosen(each.id)}>
                <span>
                  <strong>{say.kind[each.kind]}</strong>
                  <span className={classes.note}>
                    {shortDay(each.appliedAt, props.timeZone, language.tag)}, {clockSeconds(each.appliedAt, props.timeZone, language.tag)} ·{' '}
                    {text.details.cause[each.cause]}
                  </span>
                </span>
                <span className={classes.total}>{durationWords(waterfallSteps(each).totalMs, language.tag)}</span>
              </button>
            </li>
          ))}
        </ul>
        <Steps waterfall={shown} />
      </div>
    </section>
  );
}

function Steps({ waterfall }: { waterfall: Waterfall }): ReactNode {
  const { text, language } = useLanguage();
  const say = text.operations;
  const { steps, totalMs } = waterfallSteps(waterfall);
  const share = (ms: number): string => `${(ms / Math.max(totalMs, 1)) * 100}%`;
  return (
    <div className={classes.panel}>
      <ol className={classes.steps}>
        {steps.map(({ stage, startMs, lengthMs }) => (
          <li key={stage} className={classes.step}>
            <span className={classes.stepName}>
              {say.stage[stage]}
              <span className={classes.note}>{say.stageHint[stage]}</span>
            </span>
            <span className={classes.track} aria-hidden>
              <span className={classes.bar} data-stage={stage} style={{ insetInlineStart: share(startMs), inlineSize: share(lengthMs) }} />
            </span>
            <span className={classes.total}>{durationWords(lengthMs, language.tag)}</span>
          </li>
        ))}
      </ol>
      <p className={classes.sum}>
        <strong>
          {waterfall.receivedAt == null ? say.sumHere(durationWords(totalMs, language.tag)) : say.sum(durationWords(totalMs, language.tag))}
        </strong>
        <span className={classes.note}>{say.clockError(durationWords(waterfall.clockErrorMs, language.tag))}</span>
      </p>
    </div>
  );
}

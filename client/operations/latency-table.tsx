/** The figures behind the curve, newest hour first: for eyes that want to know exactly, and for ears. */
import type { ReactNode } from 'react';
import type { DeliveryStage } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime, shortDay } from '../time/clinic-time.ts';
import { durationWords } from './duration-words.ts';
import type { LatencyHour } from './operations-queries.ts';
import classes from './operations.module.css';

const PARTS: readonly DeliveryStage[] = ['RECORD', 'APPLY', 'PUBLISH', 'DELIVER', 'PAINT'];

export function LatencyTable({ hours, timeZone }: { hours: readonly LatencyHour[]; timeZone: string }): ReactNode {
  const { text, language } = useLanguage();
  const say = text.operations;
  const figure = (hour: LatencyHour, stage: DeliveryStage, which: 'p50Ms' | 'p95Ms'): string => {
    const found = hour.stages.find((each) => each.stage === stage);
    return found === undefined ? '–' : durationWords(found[which], language.tag);
  };
  return (
    <details className={classes.details}>
      <summary>{say.figures}</summary>
      {/* Wider than a telephone: it scrolls by itself, also by keyboard. */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={say.figures}>
        <table className={classes.table}>
          <caption className={classes.caption}>{say.tableCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{say.hour}</th>
              <th scope="col">{say.samples}</th>
              <th scope="col">{say.p50}</th>
              <th scope="col">{say.p95}</th>
              {PARTS.map((stage) => (
                <th key={stage} scope="col">
                  {say.stage[stage]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.toReversed().map((hour) => (
              <tr key={hour.hour}>
                <th scope="row">
                  {shortDay(hour.hour, timeZone, language.tag)}, {clockTime(hour.hour, timeZone, language.tag)}
                </th>
                <td>{hour.samples}</td>
                <td>{figure(hour, 'TOTAL', 'p50Ms')}</td>
                <td>{figure(hour, 'TOTAL', 'p95Ms')}</td>
                {PARTS.map((stage) => (
                  <td key={stage}>{figure(hour, stage, 'p95Ms')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Applies OOO_CREATED: the host's time off becomes blocked time, in the transaction that settles the event. */
import type pg from 'pg';
import type { HostTimeOff } from '../calcom/webhook-saying.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import { recordTimeOff, type TimeOffOutcome } from '../schedules/blocked-time-store.ts';
import type { Inbox, InboxEvent, Settlement, WebhookOutcome } from './inbox.ts';
import { waitingForHost } from './next-try.ts';

export interface ApplyTimeOffOptions {
  pool: pg.Pool;
  inbox: Pick<Inbox, 'settle'>;
  clock: Clock;
  onBlockedTime?: (clinicianId: UserId) => void;
}

export async function applyTimeOff(options: ApplyTimeOffOptions, event: InboxEvent, timeOff: HostTimeOff): Promise<WebhookOutcome> {
  const { recorded, settlement } = await inTransaction(options.pool, async (tx) => {
    const recorded = await recordTimeOff(tx, timeOff);
    const settlement = settlementOf(recorded, options.clock, event);
    await options.inbox.settle(tx, event.id, settlement);
    return { recorded, settlement };
  });
  if (recorded.kind === 'RECORDED') options.onBlockedTime?.(recorded.clinicianId);
  return settlement.outcome;
}

function settlementOf(recorded: TimeOffOutcome, clock: Clock, event: InboxEvent): Settlement {
  switch (recorded.kind) {
    case 'RECORDED':
      return { outcome: 'APPLIED' };
    case 'OLD':
      return { outcome: 'DUPLICATE' };
    case 'UNKNOWN_HOST':
      return waitingForHost(clock, event);
    default:
      return unreachable(recorded);
  }
}

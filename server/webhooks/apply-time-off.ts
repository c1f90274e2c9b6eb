/** Applies OOO_CREATED: the host's time off becomes blocked time, in the transaction that settles the event. */
import type pg from 'pg';
import type { HostTimeOff } from '../calcom/webhook-saying.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId, WebhookEventId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import { recordTimeOff, type TimeOffOutcome } from '../schedules/blocked-time-store.ts';
import type { Inbox, Settlement, WebhookOutcome } from './inbox.ts';

export interface ApplyTimeOffOptions {
  pool: pg.Pool;
  inbox: Pick<Inbox, 'settle'>;
  onBlockedTime?: (clinicianId: UserId) => void;
}

export async function applyTimeOff(options: ApplyTimeOffOptions, eventId: WebhookEventId, timeOff: HostTimeOff): Promise<WebhookOutcome> {
  const { recorded, settlement } = await inTransaction(options.pool, async (tx) => {
    const recorded = await recordTimeOff(tx, timeOff);
    const settlement = settlementOf(recorded);
    await options.inbox.settle(tx, eventId, settlement);
    return { recorded, settlement };
  });
  if (recorded.kind === 'RECORDED') options.onBlockedTime?.(recorded.clinicianId);
  return settlement.outcome;
}

function settlementOf(recorded: TimeOffOutcome): Settlement {
  switch (recorded.kind) {
    case 'RECORDED':
      return { outcome: 'APPLIED' };
    case 'OLD':
      return { outcome: 'DUPLICATE' };
    case 'UNKNOWN_HOST':
      return {
        outcome: 'WAITING_HOST',
        error: 'Who is away is not a clinician of ours yet: add or link the clinician, then this applies by itself.',
      };
    default:
      return unreachable(recorded);
  }
}

/** The part of the composition that changes what can be booked, and compares it with Cal.com. */
import { type Failure, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayOperate } from '../auth/authorize.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EventTypeId, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { createEventType, deleteEventType, type EditOptions, type NewEventType, updateEventType } from './edit-event-types.ts';
import type { EventTypeWish } from './event-type-input.ts';
import type { BookableEventType } from './event-type-store.ts';
import { mirrorEventTypes, type MirrorOptions, type MirrorRequest } from './mirror-event-types.ts';
import { keepReport, lastReport, type MirrorReport } from './mirror-report.ts';

export interface EventTypeDesk {
  create(caller: Caller, clinicianId: UserId, wish: NewEventType): Promise<Result<BookableEventType, Failure>>;
  update(caller: Caller, id: EventTypeId, wish: EventTypeWish): Promise<Result<BookableEventType, Failure>>;
  delete(caller: Caller, id: EventTypeId): Promise<Result<{ id: EventTypeId }, Failure>>;
  /** By an admin, now. */
  mirror(caller: Caller, request: MirrorRequest): Promise<Result<MirrorReport, Failure>>;
  /** What the last one found, a dry run included; null: there was none yet. For admins. */
  lastMirror(caller: Caller): Promise<Result<MirrorReport | null, Failure>>;
}

export interface EventTypeDeskOptions extends EditOptions {
  client: EditOptions['client'] & MirrorOptions['client'];
  credentials: EditOptions['credentials'] & MirrorOptions['credentials'];
  log: MirrorOptions['log'];
  clock: Clock;
  /** Working hours are copied at the same time. */
  mirrorSchedules(): Promise<void>;
  invalidateAllSlots(): void;
}

export interface EventTypeDeskWithin extends EventTypeDesk {
  /** By the clock, or at the command line. */
  mirrorNow(request?: MirrorRequest): Promise<MirrorReport>;
}

const adminsOnly = notAllowed('Only an admin compares event types with Cal.com.');

export function createEventTypeDesk(options: EventTypeDeskOptions): EventTypeDeskWithin {
  const { pool, clock } = options;

  async function mirrorNow(request: MirrorRequest = {}): Promise<MirrorReport> {
    const at = clock.now();
    const report = { ...(await mirrorEventTypes(options, request)), at };
    await keepReport(pool, report);
    if (report.dryRun) return report;
    await options.mirrorSchedules();
    options.invalidateAllSlots();
    return report;
  }

  return {
    create: (caller, clinicianId, wish) => createEventType(options, caller, clinicianId, wish),
    update: (caller, id, wish) => updateEventType(options, caller, id, wish),
    delete: (caller, id) => deleteEventType(options, caller, id),
    async mirror(caller, request) {
      if (!mayOperate(caller.viewer)) return fail(adminsOnly);
      await recordAudit(pool, caller, { action: 'event-type.mirror', subjectType: null, subjectId: null });
      return ok(await mirrorNow(request));
    },
    async lastMirror({ viewer }) {
      return mayOperate(viewer) ? ok(await lastReport(pool)) : fail(adminsOnly);
    },
    mirrorNow,
  };
}

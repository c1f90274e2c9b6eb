/**
 * Admins create, change and delete what a clinician offers: at Cal.com, with that clinician's credential, and in our copy
 * at once. An answer that got lost is looked up, because a slug is unique per owner.
 */
import type pg from 'pg';
import { notConnected, outcomeUnknown, refusalOf } from '../appointments/calcom-refusal.ts';
import { type Failure, invalidInput, notAllowed, notFound } from '../appointments/failure.ts';
import { type OfferAction, recordAudit } from '../audit/audit-log.ts';
import { mayEditEventTypes } from '../auth/authorize.ts';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import type { UpstreamEventType } from '../calcom/rest-contract.ts';
import { inTransaction } from '../database/transaction.ts';
import { eventTypeId, type EventTypeId, isUuid, userId, type UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { CalcomCredentials, ClinicianCredential } from '../users/calcom-credentials.ts';
import { eventTypeFacts, type EventTypeFacts } from './event-type.ts';
import { eventTypeRequest, type EventTypeWish, isAsWished, wishProblems } from './event-type-input.ts';
import { type BookableEventType, eventTypesByIds, markDeleted, storeEventTypes } from './event-type-store.ts';

export interface EditOptions {
  pool: pg.Pool;
  client: Pick<CalcomClient, 'createEventType' | 'updateEventType' | 'deleteEventType' | 'eventType' | 'eventTypesOf'>;
  credentials: Pick<CalcomCredentials, 'of' | 'identify'>;
  /** What is known of a clinician's free slots is out of date. */
  invalidateSlots(clinicianId: UserId): void;
}

export type NewEventType = EventTypeWish & Required<Pick<EventTypeWish, 'title' | 'slug' | 'durationMinutes'>>;
type Edited = Result<BookableEventType, Failure>;

const adminsOnly = notAllowed('Only an admin changes what can be booked.');

export async function createEventType(options: EditOptions, caller: Caller, clinicianId: UserId, wish: NewEventType): Promise<Edited> {
  if (!mayEditEventTypes(caller.viewer)) return fail(adminsOnly);
  const owner = await ownerOf(options, clinicianId);
  if (!owner.ok) return owner;
  const problems = wishProblems(wish, null);
  if (problems.length > 0) return fail(invalidInput(...problems));

  const { title, slug, durationMinutes } = wish;
  const request = { ...eventTypeRequest(wish), title: title.trim(), slug, lengthInMinutes: durationMinutes };
  const answer = await options.client.createEventType(owner.value, request);
  if (answer.ok) return store(options, caller, clinicianId, answer.value, 'event-type.create');
  if (answer.failure.kind !== 'OutcomeUnknown') return fail(await refusalFor(answer.failure));
  const made = await findMade(options, owner.value, request);
  return made === null ? fail(outcomeUnknown) : store(options, caller, clinicianId, made, 'event-type.create');
}

export async function updateEventType(options: EditOptions, caller: Caller, id: EventTypeId, wish: EventTypeWish): Promise<Edited> {
  if (!mayEditEventTypes(caller.viewer)) return fail(adminsOnly);
  const before = await offered(options, id);
  if (!before.ok) return before;
  const { eventType, owner } = before.value;
  const problems = wishProblems(wish, eventType);
  if (problems.length > 0) return fail(invalidInput(...problems));
  const request = eventTypeRequest(wish);
  if (Object.keys(request).length === 0) return ok(eventType);

  const answer = await options.client.updateEventType(owner, id, request);
  if (answer.ok) return store(options, caller, owner.ownerId, answer.value, 'event-type.update');
  if (answer.failure.kind !== 'OutcomeUnknown') return fail(await refusalFor(answer.failure));
  const now = await options.client.eventType(owner, id);
  return now.ok && isAsWished(eventTypeFacts(now.value), wish)
    ? store(options, caller, owner.ownerId, now.value, 'event-type.update')
    : fail(outcomeUnknown);
}

/** Appointments of it stay, and keep naming it. */
export async function deleteEventType(
  options: EditOptions,
  caller: Caller,
  id: EventTypeId,
): Promise<Result<{ id: EventTypeId }, Failure>> {
  if (!mayEditEventTypes(caller.viewer)) return fail(adminsOnly);
  const before = await offered(options, id);
  if (!before.ok) return before;
  const { owner } = before.value;
  const answer = await options.client.deleteEventType(owner, id);
  if (!answer.ok && answer.failure.kind !== 'OutcomeUnknown') return fail(await refusalFor(answer.failure));
  if (!answer.ok) {
    const now = await options.client.eventType(owner, id);
    if (now.ok || now.failure.kind !== 'NotFound') return fail(outcomeUnknown);
  }
  await inTransaction(options.pool, async (tx) => {
    await markDeleted(tx, owner.ownerId, [id]);
    await recordAudit(tx, caller, { action: 'event-type.delete', subjectType: 'EventType', subjectId: `${id}` });
  });
  options.invalidateSlots(owner.ownerId);
  return ok({ id });
}

async function ownerOf({ pool, credentials }: EditOptions, clinicianId: UserId): Promise<Result<ClinicianCredential, Failure>> {
  if (!isUuid(clinicianId)) return fail(notFound('The clinician'));
  const found = await pool.query(`SELECT 1 FROM "User" WHERE "id" = $1 AND "role" = 'CLINICIAN' AND "disabledAt" IS NULL`, [clinicianId]);
  if (found.rowCount === 0) return fail(notFound('The clinician'));
  const credential = await credentials.of(clinicianId);
  return credential === null ? fail(notConnected) : ok(credential);
}

async function offered(
  options: EditOptions,
  id: EventTypeId,
): Promise<Result<{ eventType: BookableEventType; owner: ClinicianCredential }, Failure>> {
  const [eventType] = await eventTypesByIds(options.pool, [id]);
  if (eventType == null) return fail(notFound('The event type'));
  const owner = await options.credentials.of(userId(eventType.clinicianId));
  return owner === null ? fail(notConnected) : ok({ eventType, owner });
}

/** One that looks as it was asked for; another of that slug was there before and is not ours to claim. */
async function findMade(
  { client, credentials }: EditOptions,
  owner: ClinicianCredential,
  wanted: { slug: string; title: string; lengthInMinutes: number },
): Promise<UpstreamEventType | null> {
  const known = await credentials.identify(owner);
  if (known?.calcomUsername == null) return null;
  const listed = await client.eventTypesOf(known, known.calcomUsername);
  if (!listed.ok) return null;
  const same = ({ slug, title, lengthInMinutes }: UpstreamEventType) =>
    slug === wanted.slug && title === wanted.title && lengthInMinutes === wanted.lengthInMinutes;
  return listed.value.find(same) ?? null;
}

async function store(
  options: EditOptions,
  caller: Caller,
  clinicianId: UserId,
  upstream: UpstreamEventType,
  action: OfferAction,
): Promise<Edited> {
  const facts = asListed(eventTypeFacts(upstream));
  await inTransaction(options.pool, async (tx) => {
    await storeEventTypes(tx, clinicianId, [facts]);
    await recordAudit(tx, caller, { action, subjectType: 'EventType', subjectId: `${facts.id}` });
  });
  options.invalidateSlots(clinicianId);
  const [stored] = await eventTypesByIds(options.pool, [eventTypeId(facts.id)]);
  return stored == null ? fail(notFound('The event type')) : ok(stored);
}

/** One by itself has a hidden "title" question that the list leaves out (015 against 020): without it the mirror finds no drift. */
function asListed(facts: EventTypeFacts): EventTypeFacts {
  return {
    ...facts,
    bookingFields: facts.bookingFields.filter(({ slug, isDefault, hidden }) => !(isDefault && hidden && slug === 'title')),
  };
}

async function refusalFor(failure: CalcomFailure): Promise<Failure> {
  return failure.kind === 'NotFound' ? notFound('The event type') : refusalOf(failure, () => Promise.resolve([]));
}

/** Reconciliation as admins meet it in GraphQL, and the lineage of an appointment. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookingUid, type UserId } from '../../server/kernel/ids.ts';
import { createReconciliationDesk } from '../../server/reconciliation/reconciliation-desk.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { appointmentGid, createGraphqlClinic, type GraphqlClinic, personGid } from '../corridors/graphql-clinic.ts';
import { ANNA, createSweepClinic, MINUTE, SAMIR, type SweepClinic, uidOf } from '../support/sweep-clinic.ts';

let clinic: SweepClinic;
let graphql: GraphqlClinic;
let admin: UserId;
let desk: UserId;
const begun: Promise<number>[] = [];

beforeAll(async () => {
  clinic = await createSweepClinic();
  const { reconciler } = clinic;
  const reconciliation = createReconciliationDesk({
    pool: clinic.database.pool,
    clock: clinic.clock,
    log: silentLog,
    reconciler: {
      ...reconciler,
      runQueued() {
        const work = reconciler.runQueued();
        begun.push(work);
        return work;
      },
    },
  });
  graphql = await createGraphqlClinic({ database: clinic.database, reconciliation });
  admin = await graphql.addPerson('ADMIN', 'Ada Admin');
  desk = await graphql.addPerson('FRONT_DESK', 'Dora Desk');
});
afterAll(async () => {
  await graphql.close();
  await clinic.close();
});

const book = async (start: string) =>
  uidOf(await clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start }));

const RUN = `mutation ($input: RunReconciliationInput!) { runReconciliation(input: $input) { __typename
  ... on RunReconciliationSuccess { report { id state mode span requestedBy { name } } } ... on UserError { message } } }`;
const REPAIR = `mutation ($input: RepairDriftInput!) { repairDrift(input: $input) { __typename
  ... on RepairDriftSuccess { report { id span mode } } ... on UserError { message } } }`;
const REPORTS = `query { driftReports(first: 10) { nodes { id span mode state complete seen changes repaired failures
  counts { missing moved stale ghost unknownHost }
  items(first: 5) { nodes { class bookingUid appointmentId clinician { name } ourStartsAt upstreamStartsAt repairedAt } pageInfo { hasNextPage } } } } }`;

interface Reports {
  driftReports: { nodes: Record<string, unknown>[] };
}

async function run(input: Record<string, unknown>): Promise<{ id: string }> {
  const { runReconciliation } = await graphql.data<{ runReconciliation: { report: { id: string } } }>(admin, RUN, { input });
  await Promise.all(begun);
  return runReconciliation.report;
}

describe('an admin', () => {
  test('looks first, sees what differs, and has it repaired', async () => {
    const uid = await book('2026-11-24T09:00:00Z');
    const looked = await run({ window: 'NEAR', dryRun: true, clinicianId: personGid('Clinician', ANNA) });
    expect(await clinic.appointment(uid)).toBeNull();
    const seen = await graphql.data<Reports>(admin, REPORTS);
    expect(seen.driftReports.nodes).toMatchObject([
      {
        id: looked.id,
        span: 'NEAR',
        mode: 'REPORT',
        state: 'DONE',
        complete: true,
        seen: 1,
        changes: 0,
        repaired: 0,
        counts: { missing: 1, moved: 0, stale: 0, ghost: 0, unknownHost: 0 },
        items: {
          nodes: [
            {
              class: 'MISSING',
              bookingUid: uid,
              appointmentId: null,
              clinician: { name: 'Dr. Anna de Vries' },
              ourStartsAt: null,
              repairedAt: null,
            },
          ],
        },
      },
    ]);

    clinic.clock.advance(MINUTE);
    const { repairDrift } = await graphql.data<{ repairDrift: { report: { id: string; span: string } } }>(admin, REPAIR, {
      input: { reportId: looked.id },
    });
    expect(repairDrift.report).toMatchObject({ span: 'LISTED', mode: 'REPAIR' });
    await Promise.all(begun);
    expect((await clinic.appointment(uid))?.status).toBe('CONFIRMED');
    const after = await graphql.data<Reports>(admin, REPORTS);
    expect(after.driftReports.nodes[0]).toMatchObject({
      span: 'LISTED',
      state: 'DONE',
      repaired: 1,
      changes: 1,
      items: { nodes: [{ class: 'MISSING' }] },
    });
  });

  test('sees since when all is proven equal', async () => {
    await run({ window: 'NEAR' });
    graphql.clock.set(clinic.clock.now());
    const proven = await graphql.data<{ provenEqual: unknown[] }>(
      admin,
      `{ provenEqual { clinician { name } secondsSince suspectedGhosts } }`,
    );
    expect(proven.provenEqual).toEqual([
      { clinician: { name: 'Dr. Anna de Vries' }, secondsSince: 0, suspectedGhosts: 0 },
      { clinician: { name: 'Dr. Samir Haddad' }, secondsSince: 0, suspectedGhosts: 0 },
    ]);
  });

  test('is told of a clinician who cannot be compared, and of a report that there is not', async () => {
    const other = await graphql.addPerson('CLINICIAN', 'Dr. Without Key');
    const refused = await graphql.data<{ runReconciliation: unknown }>(admin, RUN, {
      input: { window: 'NEAR', clinicianId: personGid('Clinician', other) },
    });
    expect(refused.runReconciliation).toMatchObject({ __typename: 'InvalidInput' });
    const unknown = await graphql.data<{ repairDrift: unknown }>(admin, REPAIR, { input: { reportId: 'bm9uZQ==' } });
    expect(unknown.repairDrift).toMatchObject({ __typename: 'NotFound' });
  });

  test('leaves a trace of what was asked for', async () => {
    const audit = await clinic.database.prisma.auditEvent.findMany({ where: { action: { startsWith: 'reconciliation.' } } });
    expect(new Set(audit.map((event) => `${event.action} ${event.actorId === admin}`))).toEqual(
      new Set(['reconciliation.run true', 'reconciliation.repair true']),
    );
  });
});

describe('nobody else', () => {
  test.each([['the front desk'], ['a clinician']])('%s is refused', async (who) => {
    const as = who === 'a clinician' ? SAMIR : desk;
    const reports = await graphql.ask(as, REPORTS);
    expect(reports.errors[0]?.extensions).toMatchObject({ code: 'NOT_ALLOWED' });
    const started = await graphql.data<{ runReconciliation: unknown }>(as, RUN, { input: { window: 'FULL' } });
    expect(started.runReconciliation).toMatchObject({ __typename: 'NotAllowed' });
  });
});

describe('the history of an appointment', () => {
  const LINEAGE = `query ($id: ID!) { appointment(id: $id) { id
    history { nodes { kind cause actorName appointmentId mergedIntoId bookingUid } }
    bookingUids { uid current replaces } } }`;

  test('goes on through a merge, names who did it, and its uids are for admins, audited', async () => {
    const first = await book('2026-11-25T09:00:00Z');
    await clinic.recent();
    const known = await clinic.appointment(first);
    clinic.clock.advance(20 * MINUTE);
    const second = uidOf(await clinic.sandbox.control.reschedule({ uid: first, start: '2026-11-26T09:00:00Z' }));
    const third = uidOf(await clinic.sandbox.control.reschedule({ uid: second, start: '2026-11-27T09:00:00Z' }));
    // The last one is heard of first, and nobody knows yet what it has to do with the first.
    for (const uid of [third, second, first]) {
      const answer = await clinic.client.getBooking({ ownerId: ANNA, bearer: 'cal_sandbox_anna_0000000000000000' }, bookingUid(uid));
      if (!answer.ok) throw new Error(answer.failure.message);
      await clinic.recorder.record(answer.value, { cause: uid === third ? 'WEBHOOK' : 'SWEEP' });
    }
    expect((await clinic.appointment(third))?.id).toBe(known?.id);
    const id = appointmentGid(known?.id ?? '');

    interface Lineage {
      appointment: { history: { nodes: Record<string, unknown>[] }; bookingUids: unknown };
    }
    const seen = await graphql.data<Lineage>(admin, LINEAGE, { id });
    const kinds = seen.appointment.history.nodes.map((entry) => entry.kind);
    expect(kinds.filter((kind) => kind === 'CREATED')).toHaveLength(2);
    const merge = seen.appointment.history.nodes.find((entry) => entry.kind === 'MERGED');
    expect(merge).toMatchObject({ mergedIntoId: id, actorName: 'Comparison with Cal.com' });
    expect(merge?.appointmentId).not.toBe(id);
    expect(
      seen.appointment.history.nodes.some((entry) => entry.appointmentId === merge?.appointmentId && entry.actorName === 'Cal.com'),
    ).toBe(true);
    expect(seen.appointment.bookingUids).toEqual([
      { uid: first, current: false, replaces: null },
      { uid: second, current: false, replaces: first },
      { uid: third, current: true, replaces: second },
    ]);
    expect(
      await clinic.database.prisma.auditEvent.count({
        where: { action: 'appointment.booking-uids', actorId: admin, subjectId: known?.id ?? '' },
      }),
    ).toBe(1);

    const atDesk = await graphql.data<Lineage>(desk, LINEAGE, { id });
    expect(atDesk.appointment.bookingUids).toBeNull();
    expect(atDesk.appointment.history.nodes.every((entry) => entry.bookingUid === null)).toBe(true);
    expect(await clinic.database.prisma.auditEvent.count({ where: { action: 'appointment.booking-uids' } })).toBe(1);
  });
});

/** Event types and working hours, copied from Cal.com now; and what differed, as lines for a terminal. */
import type { Core } from '../core.ts';
import type { MirrorReport } from '../event-types/mirror-report.ts';

export function mirrorNow(core: Core, options: { dryRun?: boolean }): Promise<MirrorReport> {
  return core.mirror({ dryRun: options.dryRun === true });
}

/** `names`: of clinicians, by id. */
export function mirrorLines(report: MirrorReport, names: ReadonlyMap<string, string>): string[] {
  const nameOf = (id: string) => names.get(id) ?? id;
  return [
    `${report.clinicians} clinicians, ${report.eventTypes} event types at Cal.com, ${report.drift.length} ${report.dryRun ? 'differ' : 'differed and are equal now'}.`,
    ...report.drift.map(({ kind, slug, clinicianId, fields }) =>
      `${kind.padEnd(7)}  ${slug}  ${nameOf(clinicianId)}  ${fields.join(', ')}`.trimEnd(),
    ),
    ...report.failed.map((id) => `FAILED   Cal.com could not be asked about ${nameOf(id)}; what is offered stays as it was.`),
  ];
}

export async function clinicianNames({ services }: Core): Promise<Map<string, string>> {
  const result = await services.pool.query<{ id: string; name: string }>(`SELECT "id", "name" FROM "User" WHERE "role" = 'CLINICIAN'`);
  return new Map(result.rows.map(({ id, name }) => [id, name]));
}

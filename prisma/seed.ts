/**
 * The people of the sandbox's clinic: its clinicians, linked to the sandbox's users with their keys encrypted, and one
 * person of every other role. Appointments are not seeded: they come from the sandbox through the first sweep, like
 * from a real Cal.com. Running it again changes nothing.
 */
import type pg from 'pg';
import type { Encryption } from '../server/database/encryption.ts';
import type { SandboxClinician } from '../server/start/sandbox-process.ts';

interface SeededPerson {
  id: string;
  role: 'CLINICIAN' | 'FRONT_DESK' | 'ADMIN' | 'AUDITOR' | 'DISPLAY' | 'PATIENT';
  name: string;
  email: string | null;
  timezone: string;
  locale: string;
  calcom: { userId: number; username: string; apiKey: string } | null;
}

/** Fixed ids, so that links and tokens survive a fresh database. */
const id = (number: number) => `0197c000-0000-7000-8000-${String(number).padStart(12, '0')}`;

const ZONE = 'Europe/Amsterdam';
const local = (number: number, role: SeededPerson['role'], name: string, email: string | null): SeededPerson => ({
  id: id(number),
  role,
  name,
  email,
  timezone: ZONE,
  locale: 'en',
  calcom: null,
});

const others: SeededPerson[] = [
  local(101, 'FRONT_DESK', 'Marijke Blom', 'marijke.blom@lindengracht.example'),
  local(102, 'ADMIN', 'Joris van Leeuwen', 'joris.vanleeuwen@lindengracht.example'),
  local(103, 'AUDITOR', 'Ingrid Bakema', 'ingrid.bakema@audit.example'),
  local(104, 'DISPLAY', 'Waiting room screen', null),
  // Three of those who book at the sandbox: same name and address, so their bookings are linked to them.
  local(201, 'PATIENT', 'Noor van Dijk', 'noor.van.dijk@example.com'),
  local(202, 'PATIENT', 'Daan Bakker', 'daan.bakker@example.com'),
  { ...local(203, 'PATIENT', 'Maria Santos', 'maria.santos@example.com'), timezone: 'Europe/Lisbon', locale: 'pt' },
];

export async function seed(options: {
  pool: Pick<pg.Pool, 'query'>;
  encryption: Encryption;
  clinicians: SandboxClinician[];
}): Promise<void> {
  const clinicians = options.clinicians.map(
    (clinician): SeededPerson => ({
      id: id(clinician.id),
      role: 'CLINICIAN',
      name: clinician.name,
      email: clinician.email.toLowerCase(),
      timezone: clinician.timeZone,
      locale: 'en',
      calcom: { userId: clinician.id, username: clinician.username, apiKey: clinician.apiKey },
    }),
  );
  for (const person of [...clinicians, ...others]) {
    const apiKey = person.calcom === null ? null : options.encryption.encrypt(person.calcom.apiKey, 'calcom-api-key');
    await options.pool.query(
      `INSERT INTO "User" ("id","role","name","email","emailVerified","timezone","locale","calcomUserId","calcomUsername","calcomEmail","calcomApiKey","updatedAt")
       VALUES ($1::uuid, $2::"Role", $3, $4::text, $4::text IS NOT NULL, $5, $6, $7::int, $8, CASE WHEN $7::int IS NULL THEN NULL ELSE $4::text END, $9, now())
       ON CONFLICT DO NOTHING`,
      [
        person.id,
        person.role,
        person.name,
        person.email,
        person.timezone,
        person.locale,
        person.calcom?.userId,
        person.calcom?.username,
        apiKey,
      ],
    );
  }
}

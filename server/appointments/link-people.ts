/**
 * Who is who: hosts and attendees of Cal.com resolved to our users (ARCHITECTURE, "Linking").
 *
 * Host: `calcomUserId`, else the exact e-mail of a clinician without one. Patient: our id in the booking's metadata, else
 * the e-mail of exactly one patient whose e-mail is verified and whose name matches. In doubt nobody: staff will link.
 */
import { plainEmail } from '../calcom/plain-email.ts';
import type { Transaction } from '../database/transaction.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';
import type { People } from './project-appointment.ts';
import type { BookingFacts } from './booking-facts.ts';

interface PersonRecord {
  id: UserId;
  role: string;
  name: string;
  email: string | null;
  emailVerified: boolean;
  calcomUserId: number | null;
}

/** One statement for all the people that these bookings name. */
export async function lookUpPeople(db: Pick<Transaction, 'query'>, bookings: readonly BookingFacts[]): Promise<People> {
  const hosts = bookings.flatMap((facts) => facts.hosts);
  const attendees = bookings.flatMap((facts) => facts.attendees);
  const emails = [...hosts.map((host) => host.email), ...attendees.map((attendee) => attendee.email)].flatMap((email) =>
    email === null ? [] : [plainEmail(email)],
  );
  const named = [...bookings, ...attendees].flatMap(({ metadata }) => metadata?.fintanPatientId ?? []);
  const patientIds = named.filter((id) => typeof id === 'string' && isUuid(id));
  const result = await db.query<PersonRecord>(
    `SELECT "id", "role"::text AS role, "name", "email", "emailVerified", "calcomUserId" FROM "User"
     WHERE "calcomUserId" = ANY($1::int[]) OR "email" = ANY($2::text[]) OR "id" = ANY($3::uuid[])`,
    [hosts.flatMap((host) => host.calcomUserId ?? []), [...new Set(emails)], patientIds],
  );
  return peopleAmong(result.rows);
}

export function peopleAmong(users: readonly PersonRecord[]): People {
  const clinicians = users.filter((user) => user.role === 'CLINICIAN');
  const patients = users.filter((user) => user.role === 'PATIENT');
  return {
    clinicianOf(host) {
      if (host.calcomUserId !== null) {
        const byId = clinicians.find((user) => user.calcomUserId === host.calcomUserId);
        if (byId !== undefined) return byId.id;
      }
      if (host.email === null) return null;
      const email = plainEmail(host.email);
      return clinicians.find((user) => user.calcomUserId === null && user.email === email)?.id ?? null;
    },
    lacksCalcomId: (id) => clinicians.some((user) => user.id === id && user.calcomUserId === null),
    patientOf(attendee, metadataPatientId) {
      const named = metadataPatientId === null ? undefined : patients.find((user) => user.id === metadataPatientId);
      if (named !== undefined) return named.id;
      if (attendee.email === null) return null;
      const email = plainEmail(attendee.email);
      const [only, ...others] = patients.filter((user) => user.emailVerified && user.email === email && sameName(user.name, attendee.name));
      return only !== undefined && others.length === 0 ? only.id : null;
    },
  };
}

function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').trim().toLowerCase().replaceAll(/\s+/g, ' ');
  return plain(a) === plain(b);
}

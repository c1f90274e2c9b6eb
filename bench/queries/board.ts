/** The board's query, and the same rows as one SQL statement. */
export const BOARD = /* GraphQL */ `
  query Board($from: DateTime!, $to: DateTime!, $first: Int!) {
    appointments(first: $first, filter: { startsAfter: $from, startsBefore: $to }) {
      nodes {
        id version startsAt endsAt status careState hasConflict
        clinician { id name }
        patient { id name }
        eventType { id title durationMinutes }
        participants { id name careState }
      }
    }
  }
`;

/** The same in the words of PostGraphile, which makes its schema from the tables. */
export const BOARD_FROM_TABLES = /* GraphQL */ `
  query Board($from: String!, $to: String!, $first: Int!) {
    allAppointments(first: $first, condition: { startsAfter: $from, startsBefore: $to }, orderBy: [STARTS_AT_ASC]) {
      nodes {
        id version startsAt endsAt status careState hasConflict
        userByClinicianId { id name }
        userByPatientId { id name }
        eventType { id title durationMinutes }
        appointmentParticipantsByAppointmentId { nodes { id name careState } }
      }
    }
  }
`;

const globalId = (type: string, column: string) => `encode(convert_to('${type}:' || ${column}, 'UTF8'), 'base64')`;
const instant = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const person = (type: string, alias: string) => `json_build_object('id', ${globalId(type, `${alias}."id"`)}, 'name', ${alias}."name")`;

/** $1 from, $2 to, $3 how many: one row with one text, which is the answer as it is sent. */
export const BOARD_TEXT_SQL = `
  SELECT json_build_object('data', json_build_object('appointments', json_build_object('nodes', COALESCE(json_agg(json_build_object(
    'id', ${globalId('Appointment', 'a."id"')}, 'version', a."version", 'startsAt', ${instant('a."startsAt"')}, 'endsAt', ${instant('a."endsAt"')},
    'status', a."status", 'careState', a."careState", 'hasConflict', a."hasConflict",
    'clinician', ${person('Clinician', 'c')}, 'patient', ${person('Patient', 'u')},
    'eventType', json_build_object('id', ${globalId('EventType', 'e."id"')}, 'title', e."title", 'durationMinutes', e."durationMinutes"),
    'participants', p.list) ORDER BY a."startsAt", a."id"), '[]'::json))))::text AS text
  FROM (SELECT * FROM "Appointment" WHERE "startsAt" >= $1 AND "startsAt" < $2 ORDER BY "startsAt", "id" LIMIT $3) a
  LEFT JOIN "User" c ON c."id" = a."clinicianId"
  LEFT JOIN "User" u ON u."id" = a."patientId"
  LEFT JOIN "CalcomEventType" e ON e."id" = a."calcomEventTypeId"
  LEFT JOIN LATERAL (SELECT COALESCE(json_agg(json_build_object('id', ${globalId('Participant', 'p."id"')}, 'name', p."name", 'careState', p."careState")
    ORDER BY p."createdAt", p."id"), '[]'::json) AS list FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id") p ON true`;

const row = (alias: string, ...columns: string[]) =>
  `json_build_object(${columns.map((column) => `'${column}', ${alias}."${column}"`).join(', ')})`;

/** $1 from, $2 to, $3 how many: a row for each appointment, as resolvers want it. */
export const BOARD_ROWS_SQL = `
  SELECT a."id", a."version", a."startsAt", a."endsAt", a."status"::text AS status, a."careState"::text AS "careState", a."hasConflict",
    ${row('c', 'id', 'name')} AS clinician, ${row('u', 'id', 'name')} AS patient, ${row('e', 'id', 'title', 'durationMinutes')} AS "eventType",
    (SELECT COALESCE(json_agg(${row('p', 'id', 'name', 'careState')} ORDER BY p."createdAt", p."id"), '[]'::json)
     FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id") AS participants
  FROM (SELECT * FROM "Appointment" WHERE "startsAt" >= $1 AND "startsAt" < $2 ORDER BY "startsAt", "id" LIMIT $3) a
  LEFT JOIN "User" c ON c."id" = a."clinicianId"
  LEFT JOIN "User" u ON u."id" = a."patientId"
  LEFT JOIN "CalcomEventType" e ON e."id" = a."calcomEventTypeId"
  ORDER BY a."startsAt", a."id"`;

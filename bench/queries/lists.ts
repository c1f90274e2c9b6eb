/** Other lists that people open, and each as one SQL statement for a peer. */
export interface List {
  what: string;
  body: { query: string; variables: Record<string, unknown> };
}

export const CLINICIANS: List = {
  what: '20 clinicians with two event types each',
  body: { query: '{ clinicians { id name timeZone eventTypes { id slug title durationMinutes } } }', variables: {} },
};

export const PATIENTS: List = {
  what: '50 patients found by name',
  body: {
    query: 'query Patients($search: String!) { patients(search: $search, first: 50) { nodes { id name email phone timeZone locale } } }',
    variables: { search: 'patient nr. 1' },
  },
};

export const CLINICIANS_SQL = `
  SELECT u."id", u."name", u."timezone" AS "timeZone",
    (SELECT COALESCE(json_agg(json_build_object('id', e."id", 'slug', e."slug", 'title', e."title", 'durationMinutes', e."durationMinutes")
       ORDER BY e."title", e."id"), '[]'::json)
     FROM "CalcomEventType" e WHERE e."clinicianId" = u."id" AND e."deletedAt" IS NULL) AS "eventTypes"
  FROM "User" u WHERE u."role" = 'CLINICIAN' AND u."disabledAt" IS NULL ORDER BY u."name", u."id"`;

/** $1 part of the name, $2 how many. */
export const PATIENTS_SQL = `
  SELECT "id", "name", "email", "phone", "timezone" AS "timeZone", "locale" FROM "User"
  WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL AND "name" ILIKE '%' || $1 || '%' ORDER BY "name", "id" LIMIT $2`;

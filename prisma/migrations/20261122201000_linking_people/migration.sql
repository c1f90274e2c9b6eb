-- Trusted, as the others.
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- AlterTable
ALTER TABLE "AppointmentParticipant" ADD COLUMN     "linkDecided" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "linkingDueAt" TIMESTAMPTZ(3);

-- What follows Prisma cannot express. `npm run migrate -- diff` does not look at it.

-- A name as it is looked for: without case, accents and double spaces. Declared immutable, which unaccent() would be but for
-- its dictionary, so that it can be indexed. After a change of unaccent.rules the index must be built anew.
CREATE FUNCTION "search_text"("value" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, regexp_replace(btrim(normalize("value", NFKC)), '\s+', ' ', 'g'))) $$;

-- As plainEmail() in server/appointments/link-people.ts.
CREATE FUNCTION "plain_email"("value" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT regexp_replace(lower(btrim("value")), '\+c[a-z0-9]{24}(?=@)', '') $$;

DROP INDEX "Patient_name_email_trgm";
CREATE INDEX "Patient_search_trgm" ON "User" USING gin ("search_text"("name") gin_trgm_ops, "email" gin_trgm_ops) WHERE "role" = 'PATIENT';

-- A family may share one mailbox, two members of staff may not.
CREATE UNIQUE INDEX "User_staff_email" ON "User" ("email") WHERE "role" <> 'PATIENT';

-- Who is nobody of ours yet: few rows beside those that are linked.
CREATE INDEX "AppointmentParticipant_unlinked" ON "AppointmentParticipant" ("plain_email"("email"))
  WHERE "userId" IS NULL AND NOT "linkDecided" AND "state" = 'ACTIVE';
CREATE INDEX "AppointmentHost_unlinked_id" ON "AppointmentHost" ("calcomUserId") WHERE "userId" IS NULL;
CREATE INDEX "AppointmentHost_unlinked_email" ON "AppointmentHost" ("plain_email"("email")) WHERE "userId" IS NULL;
CREATE INDEX "User_linking_due" ON "User" ("linkingDueAt") WHERE "linkingDueAt" IS NOT NULL;

-- Whoever writes what people are linked by, the change is noticed. (The adapter that applies migrations cuts the file at
-- every semicolon, quoted ones too. Hence \073.)
CREATE FUNCTION "mark_linking_due"() RETURNS trigger LANGUAGE plpgsql AS
E'BEGIN NEW."linkingDueAt" := clock_timestamp()\073 RETURN NEW\073 END';

CREATE TRIGGER "User_linking_due_on_insert" BEFORE INSERT ON "User" FOR EACH ROW
  WHEN ((NEW."role" = 'PATIENT' AND NEW."emailVerified" AND NEW."email" IS NOT NULL)
     OR (NEW."role" = 'CLINICIAN' AND (NEW."email" IS NOT NULL OR NEW."calcomUserId" IS NOT NULL)))
  EXECUTE FUNCTION "mark_linking_due"();

CREATE TRIGGER "User_linking_due_on_update" BEFORE UPDATE OF "role", "name", "email", "emailVerified", "calcomUserId" ON "User" FOR EACH ROW
  WHEN (((NEW."role" = 'PATIENT' AND NEW."emailVerified" AND NEW."email" IS NOT NULL)
     OR (NEW."role" = 'CLINICIAN' AND (NEW."email" IS NOT NULL OR NEW."calcomUserId" IS NOT NULL)))
    AND (OLD."role", OLD."name", OLD."email", OLD."emailVerified", OLD."calcomUserId")
        IS DISTINCT FROM (NEW."role", NEW."name", NEW."email", NEW."emailVerified", NEW."calcomUserId"))
  EXECUTE FUNCTION "mark_linking_due"();

UPDATE "User" SET "linkingDueAt" = clock_timestamp()
WHERE ("role" = 'PATIENT' AND "emailVerified" AND "email" IS NOT NULL)
   OR ("role" = 'CLINICIAN' AND ("email" IS NOT NULL OR "calcomUserId" IS NOT NULL));

-- Both are trusted extensions: the owner of the database may create them.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('PATIENT', 'CLINICIAN', 'FRONT_DESK', 'ADMIN', 'AUDITOR', 'DISPLAY');

-- CreateEnum
CREATE TYPE "AppointmentStatus" AS ENUM ('REQUESTED', 'CONFIRMED', 'CANCELLED', 'DECLINED');

-- CreateEnum
CREATE TYPE "CareState" AS ENUM ('EXPECTED', 'ARRIVED', 'IN_ROOM', 'WITH_CLINICIAN', 'DONE', 'NO_SHOW');

-- CreateEnum
CREATE TYPE "ConsultationType" AS ENUM ('VIDEO', 'AUDIO', 'IN_PERSON');

-- CreateEnum
CREATE TYPE "ParticipantState" AS ENUM ('ACTIVE', 'CANCELLED', 'MOVED');

-- CreateEnum
CREATE TYPE "ChangeKind" AS ENUM ('CREATED', 'RESCHEDULED', 'STATUS_CHANGED', 'CARE_CHANGED', 'CLINICIAN_CHANGED', 'MERGED', 'UPDATED');

-- CreateEnum
CREATE TYPE "ChangeCause" AS ENUM ('WEBHOOK', 'SWEEP', 'MUTATION', 'LINKING');

-- CreateEnum
CREATE TYPE "WebhookOutcome" AS ENUM ('APPLIED', 'IGNORED', 'DUPLICATE', 'WAITING_HOST', 'RETRYING', 'DEAD');

-- CreateEnum
CREATE TYPE "PaymentState" AS ENUM ('PENDING', 'PAID');

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "role" "Role" NOT NULL,
    "email" TEXT,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "disabledAt" TIMESTAMPTZ(3),
    "identityIssuer" TEXT,
    "identitySubject" TEXT,
    "calcomUserId" INTEGER,
    "calcomUsername" TEXT,
    "calcomEmail" TEXT,
    "calcomApiKey" TEXT,
    "calcomAccessToken" TEXT,
    "calcomRefreshToken" TEXT,
    "calcomTokenExpiry" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Appointment" (
    "id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "calcomBookingId" INTEGER,
    "calcomBookingUid" TEXT NOT NULL,
    "calcomEventTypeId" INTEGER,
    "calcomMetadata" JSONB,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "timeZone" TEXT NOT NULL,
    "status" "AppointmentStatus" NOT NULL,
    "careState" "CareState",
    "careChangedAt" TIMESTAMPTZ(3),
    "consultationType" "ConsultationType" NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "reason" TEXT,
    "location" TEXT,
    "cancellationReason" TEXT,
    "rejectionReason" TEXT,
    "reschedulingReason" TEXT,
    "seated" BOOLEAN NOT NULL DEFAULT false,
    "hasConflict" BOOLEAN NOT NULL DEFAULT false,
    "forked" BOOLEAN NOT NULL DEFAULT false,
    "seriesId" TEXT,
    "payment" "PaymentState",
    "meetingStartedAt" TIMESTAMPTZ(3),
    "meetingEndedAt" TIMESTAMPTZ(3),
    "clinicianId" UUID,
    "patientId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Appointment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AppointmentBooking" (
    "bookingUid" TEXT NOT NULL,
    "appointmentId" UUID,
    "bookingId" INTEGER,
    "fromUid" TEXT,
    "toUid" TEXT,
    "seriesId" TEXT,
    "facts" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AppointmentBooking_pkey" PRIMARY KEY ("bookingUid")
);

-- CreateTable
CREATE TABLE "AppointmentAlias" (
    "id" UUID NOT NULL,
    "appointmentId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AppointmentAlias_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AppointmentParticipant" (
    "id" UUID NOT NULL,
    "appointmentId" UUID NOT NULL,
    "seatUid" TEXT,
    "userId" UUID,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "phone" TEXT,
    "timeZone" TEXT NOT NULL,
    "locale" TEXT,
    "careState" "CareState",
    "careChangedAt" TIMESTAMPTZ(3),
    "absent" BOOLEAN NOT NULL DEFAULT false,
    "state" "ParticipantState" NOT NULL DEFAULT 'ACTIVE',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AppointmentParticipant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AppointmentHost" (
    "appointmentId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "calcomUserId" INTEGER,
    "userId" UUID,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "organizer" BOOLEAN NOT NULL,

    CONSTRAINT "AppointmentHost_pkey" PRIMARY KEY ("appointmentId","position")
);

-- CreateTable
CREATE TABLE "AppointmentChange" (
    "id" BIGSERIAL NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "appointmentId" UUID NOT NULL,
    "mergedIntoId" UUID,
    "version" INTEGER NOT NULL,
    "kind" "ChangeKind" NOT NULL,
    "changedFields" TEXT[],
    "before" JSONB,
    "after" JSONB NOT NULL,
    "cause" "ChangeCause" NOT NULL,
    "actorId" UUID,
    "bookingUid" TEXT NOT NULL,
    "webhookEventId" UUID,
    "receivedAt" TIMESTAMPTZ(3),
    "recordedAt" TIMESTAMPTZ(3),
    "appliedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "AppointmentChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ChangeTimeline" (
    "id" UUID NOT NULL,
    "systemIdentifier" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ChangeTimeline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GatewayInstance" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "madeFor" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "GatewayInstance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CalcomEventType" (
    "id" INTEGER NOT NULL,
    "clinicianId" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "durationMinutes" INTEGER NOT NULL,
    "durationOptions" INTEGER[],
    "consultationTypes" "ConsultationType"[],
    "requiresConfirmation" BOOLEAN NOT NULL DEFAULT false,
    "hidden" BOOLEAN NOT NULL DEFAULT false,
    "seats" INTEGER,
    "recurring" BOOLEAN NOT NULL DEFAULT false,
    "locations" JSONB NOT NULL,
    "bookingFields" JSONB NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "syncedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CalcomEventType_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CalcomWebhook" (
    "id" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "subscriberUrl" TEXT NOT NULL,
    "triggers" TEXT[],
    "active" BOOLEAN NOT NULL,
    "checkedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CalcomWebhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CalcomWebhookEvent" (
    "id" UUID NOT NULL,
    "bodySha256" TEXT NOT NULL,
    "bodyLength" INTEGER NOT NULL,
    "triggerEvent" TEXT,
    "payload" TEXT,
    "sentAt" TIMESTAMPTZ(3),
    "bookingUid" TEXT,
    "requestId" TEXT,
    "hostCalcomId" INTEGER,
    "hostEmailHash" TEXT,
    "processed" BOOLEAN NOT NULL DEFAULT false,
    "outcome" "WebhookOutcome",
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "processedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "CalcomWebhookEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SlotHold" (
    "id" UUID NOT NULL,
    "eventTypeId" INTEGER NOT NULL,
    "clinicianId" UUID NOT NULL,
    "viewerId" UUID NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "reservationUid" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SlotHold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MutationKey" (
    "viewerId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "inputHash" TEXT NOT NULL,
    "requestId" UUID NOT NULL,
    "answer" JSONB,
    "claimedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimant" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MutationKey_pkey" PRIMARY KEY ("viewerId","key")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actorId" UUID,
    "actorRole" "Role",
    "action" TEXT NOT NULL,
    "subjectType" TEXT,
    "subjectId" TEXT,
    "requestId" TEXT,

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobCheckpoint" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "JobCheckpoint_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_calcomUserId_key" ON "User"("calcomUserId");

-- CreateIndex
CREATE UNIQUE INDEX "User_calcomUsername_key" ON "User"("calcomUsername");

-- CreateIndex
CREATE INDEX "User_email_idx" ON "User"("email");

-- CreateIndex
CREATE INDEX "User_role_idx" ON "User"("role");

-- CreateIndex
CREATE UNIQUE INDEX "User_identityIssuer_identitySubject_key" ON "User"("identityIssuer", "identitySubject");

-- CreateIndex
CREATE UNIQUE INDEX "Appointment_calcomBookingId_key" ON "Appointment"("calcomBookingId");

-- CreateIndex
CREATE UNIQUE INDEX "Appointment_calcomBookingUid_key" ON "Appointment"("calcomBookingUid");

-- CreateIndex
CREATE INDEX "Appointment_clinicianId_startsAt_id_idx" ON "Appointment"("clinicianId", "startsAt", "id");

-- CreateIndex
CREATE INDEX "Appointment_patientId_startsAt_id_idx" ON "Appointment"("patientId", "startsAt", "id");

-- CreateIndex
CREATE INDEX "Appointment_startsAt_id_idx" ON "Appointment"("startsAt", "id");

-- CreateIndex
CREATE INDEX "Appointment_calcomEventTypeId_idx" ON "Appointment"("calcomEventTypeId");

-- CreateIndex
CREATE INDEX "Appointment_updatedAt_idx" ON "Appointment"("updatedAt");

-- CreateIndex
CREATE INDEX "AppointmentBooking_appointmentId_idx" ON "AppointmentBooking"("appointmentId");

-- CreateIndex
CREATE INDEX "AppointmentBooking_fromUid_idx" ON "AppointmentBooking"("fromUid");

-- CreateIndex
CREATE INDEX "AppointmentBooking_toUid_idx" ON "AppointmentBooking"("toUid");

-- CreateIndex
CREATE INDEX "AppointmentBooking_seriesId_idx" ON "AppointmentBooking"("seriesId");

-- CreateIndex
CREATE INDEX "AppointmentAlias_appointmentId_idx" ON "AppointmentAlias"("appointmentId");

-- CreateIndex
CREATE UNIQUE INDEX "AppointmentParticipant_seatUid_key" ON "AppointmentParticipant"("seatUid");

-- CreateIndex
CREATE INDEX "AppointmentParticipant_appointmentId_idx" ON "AppointmentParticipant"("appointmentId");

-- CreateIndex
CREATE INDEX "AppointmentParticipant_userId_idx" ON "AppointmentParticipant"("userId");

-- CreateIndex
CREATE INDEX "AppointmentHost_userId_idx" ON "AppointmentHost"("userId");

-- CreateIndex
CREATE INDEX "AppointmentChange_xid_id_idx" ON "AppointmentChange"("xid", "id");

-- CreateIndex
CREATE INDEX "AppointmentChange_appointmentId_xid_id_idx" ON "AppointmentChange"("appointmentId", "xid", "id");

-- CreateIndex
CREATE INDEX "CalcomEventType_clinicianId_slug_idx" ON "CalcomEventType"("clinicianId", "slug");

-- CreateIndex
CREATE INDEX "CalcomWebhook_ownerId_idx" ON "CalcomWebhook"("ownerId");

-- CreateIndex
CREATE UNIQUE INDEX "CalcomWebhookEvent_bodySha256_key" ON "CalcomWebhookEvent"("bodySha256");

-- CreateIndex
CREATE INDEX "CalcomWebhookEvent_processed_createdAt_idx" ON "CalcomWebhookEvent"("processed", "createdAt");

-- CreateIndex
CREATE INDEX "CalcomWebhookEvent_bookingUid_idx" ON "CalcomWebhookEvent"("bookingUid");

-- CreateIndex
CREATE INDEX "CalcomWebhookEvent_requestId_idx" ON "CalcomWebhookEvent"("requestId");

-- CreateIndex
CREATE INDEX "SlotHold_clinicianId_startsAt_idx" ON "SlotHold"("clinicianId", "startsAt");

-- CreateIndex
CREATE INDEX "SlotHold_expiresAt_idx" ON "SlotHold"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "MutationKey_requestId_key" ON "MutationKey"("requestId");

-- CreateIndex
CREATE INDEX "MutationKey_expiresAt_idx" ON "MutationKey"("expiresAt");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

-- CreateIndex
CREATE INDEX "AuditEvent_subjectType_subjectId_idx" ON "AuditEvent"("subjectType", "subjectId");

-- AddForeignKey
ALTER TABLE "Appointment" ADD CONSTRAINT "Appointment_clinicianId_fkey" FOREIGN KEY ("clinicianId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Appointment" ADD CONSTRAINT "Appointment_patientId_fkey" FOREIGN KEY ("patientId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentBooking" ADD CONSTRAINT "AppointmentBooking_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentAlias" ADD CONSTRAINT "AppointmentAlias_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentParticipant" ADD CONSTRAINT "AppointmentParticipant_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentParticipant" ADD CONSTRAINT "AppointmentParticipant_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentHost" ADD CONSTRAINT "AppointmentHost_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentHost" ADD CONSTRAINT "AppointmentHost_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CalcomEventType" ADD CONSTRAINT "CalcomEventType_clinicianId_fkey" FOREIGN KEY ("clinicianId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CalcomWebhook" ADD CONSTRAINT "CalcomWebhook_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SlotHold" ADD CONSTRAINT "SlotHold_clinicianId_fkey" FOREIGN KEY ("clinicianId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What follows Prisma cannot express. `npm run migrate -- diff` does not look at it.

-- Two people cannot hold the same clinician's time. Expired holds are deleted before a new one is taken.
ALTER TABLE "SlotHold" ADD CONSTRAINT "SlotHold_no_overlap"
  EXCLUDE USING gist ("clinicianId" WITH =, tstzrange("startsAt", "endsAt") WITH &&);

-- Search by a part of a name or address, literal (LIKE and ILIKE with the wildcards escaped).
CREATE INDEX "AppointmentParticipant_name_trgm" ON "AppointmentParticipant" USING gin (lower("name") gin_trgm_ops);
CREATE INDEX "Patient_name_email_trgm" ON "User" USING gin ("name" gin_trgm_ops, "email" gin_trgm_ops) WHERE "role" = 'PATIENT';

-- One row says what the database was made for.
ALTER TABLE "GatewayInstance" ADD CONSTRAINT "GatewayInstance_one_row" CHECK ("id" = 1);

-- What still needs work, oldest first: few rows beside millions of processed ones.
CREATE INDEX "CalcomWebhookEvent_open" ON "CalcomWebhookEvent" ("nextAttemptAt", "createdAt") WHERE NOT "processed";

-- CreateEnum
CREATE TYPE "SweepSpan" AS ENUM ('RECENT', 'NEAR', 'FULL', 'CUSTOM', 'LISTED');

-- CreateEnum
CREATE TYPE "SweepMode" AS ENUM ('REPORT', 'REPAIR');

-- CreateEnum
CREATE TYPE "SweepState" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'INTERRUPTED');

-- CreateEnum
CREATE TYPE "DriftClass" AS ENUM ('MISSING', 'MOVED', 'STALE', 'GHOST', 'UNKNOWN_HOST');

-- CreateTable
CREATE TABLE "DriftReport" (
    "id" UUID NOT NULL,
    "span" "SweepSpan" NOT NULL,
    "mode" "SweepMode" NOT NULL,
    "state" "SweepState" NOT NULL,
    "requestedById" UUID,
    "ownerId" UUID,
    "repairOfId" UUID,
    "windowFrom" TIMESTAMPTZ(3),
    "windowTo" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "complete" BOOLEAN NOT NULL DEFAULT false,
    "owners" INTEGER NOT NULL DEFAULT 0,
    "busyOwners" INTEGER NOT NULL DEFAULT 0,
    "seen" INTEGER NOT NULL DEFAULT 0,
    "changes" INTEGER NOT NULL DEFAULT 0,
    "unreadable" INTEGER NOT NULL DEFAULT 0,
    "failures" TEXT[],
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DriftReport_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DriftItem" (
    "id" UUID NOT NULL,
    "reportId" UUID NOT NULL,
    "class" "DriftClass" NOT NULL,
    "ownerId" UUID,
    "bookingUid" TEXT NOT NULL,
    "appointmentId" UUID,
    "ourStartsAt" TIMESTAMPTZ(3),
    "upstreamStartsAt" TIMESTAMPTZ(3),
    "foundAt" TIMESTAMPTZ(3) NOT NULL,
    "repairedAt" TIMESTAMPTZ(3),

    CONSTRAINT "DriftItem_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SuspectedGhost" (
    "bookingUid" TEXT NOT NULL,
    "appointmentId" UUID NOT NULL,
    "ownerId" UUID NOT NULL,
    "firstMissingAt" TIMESTAMPTZ(3) NOT NULL,
    "lastMissingAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SuspectedGhost_pkey" PRIMARY KEY ("bookingUid")
);

-- CreateIndex
CREATE INDEX "DriftReport_createdAt_idx" ON "DriftReport"("createdAt");

-- CreateIndex
CREATE INDEX "DriftReport_expiresAt_idx" ON "DriftReport"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "DriftItem_reportId_bookingUid_key" ON "DriftItem"("reportId", "bookingUid");

-- CreateIndex
CREATE INDEX "SuspectedGhost_ownerId_idx" ON "SuspectedGhost"("ownerId");

-- AddForeignKey
ALTER TABLE "DriftItem" ADD CONSTRAINT "DriftItem_reportId_fkey" FOREIGN KEY ("reportId") REFERENCES "DriftReport"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateEnum
CREATE TYPE "CalcomTokenKind" AS ENUM ('OAUTH', 'MANAGED');

-- CreateEnum
CREATE TYPE "CalcomTokenState" AS ENUM ('USABLE', 'LINKED_ONLY', 'RECONNECT');

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "calcomRenewalLease" UUID,
ADD COLUMN     "calcomRenewalUntil" TIMESTAMPTZ(3),
ADD COLUMN     "calcomTokenKind" "CalcomTokenKind",
ADD COLUMN     "calcomTokenScope" TEXT,
ADD COLUMN     "calcomTokenSince" TIMESTAMPTZ(3),
ADD COLUMN     "calcomTokenState" "CalcomTokenState";

-- CreateTable
CREATE TABLE "CalcomConnectionAttempt" (
    "stateHash" TEXT NOT NULL,
    "nonceHash" TEXT NOT NULL,
    "clinicianId" UUID NOT NULL,
    "startedById" UUID NOT NULL,
    "verifier" TEXT NOT NULL,
    "redirectUrl" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CalcomConnectionAttempt_pkey" PRIMARY KEY ("stateHash")
);

-- CreateIndex
CREATE INDEX "CalcomConnectionAttempt_expiresAt_idx" ON "CalcomConnectionAttempt"("expiresAt");

-- AddForeignKey
ALTER TABLE "CalcomConnectionAttempt" ADD CONSTRAINT "CalcomConnectionAttempt_clinicianId_fkey" FOREIGN KEY ("clinicianId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

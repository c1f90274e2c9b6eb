-- CreateTable
CREATE TABLE "DeliverySample" (
    "id" UUID NOT NULL,
    "changeId" BIGINT NOT NULL,
    "receivedAt" TIMESTAMPTZ(3),
    "recordedAt" TIMESTAMPTZ(3),
    "appliedAt" TIMESTAMPTZ(3) NOT NULL,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,
    "deliveredAt" TIMESTAMPTZ(3) NOT NULL,
    "paintedAt" TIMESTAMPTZ(3) NOT NULL,
    "clockErrorMs" INTEGER NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DeliverySample_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "DeliverySample_appliedAt_idx" ON "DeliverySample"("appliedAt");

-- CreateIndex
CREATE INDEX "DeliverySample_expiresAt_idx" ON "DeliverySample"("expiresAt");

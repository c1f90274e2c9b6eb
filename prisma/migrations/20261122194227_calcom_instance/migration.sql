-- CreateTable
CREATE TABLE "CalcomInstanceStatus" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "checkedAt" TIMESTAMPTZ(3) NOT NULL,
    "status" JSONB NOT NULL,

    CONSTRAINT "CalcomInstanceStatus_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CalcomFingerprint" (
    "ownerId" UUID NOT NULL,
    "calcomUserId" INTEGER NOT NULL,
    "usernameHash" TEXT NOT NULL,
    "emailHash" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CalcomFingerprint_pkey" PRIMARY KEY ("ownerId")
);

-- CreateTable
CREATE TABLE "CalcomOddity" (
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,
    "firstAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CalcomOddity_pkey" PRIMARY KEY ("kind","subject")
);

-- AlterTable
ALTER TABLE "SlotHold" ADD COLUMN     "requestId" UUID;

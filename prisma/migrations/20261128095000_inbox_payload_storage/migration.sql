-- Ciphertext does not compress: trying to costs a tenth of an insert and gains nothing.
ALTER TABLE "CalcomWebhookEvent" ALTER COLUMN "payload" SET STORAGE EXTERNAL;

/** The sandbox process's environment, read once; all complaints together. */
import { z } from 'zod';
import type { SandboxOptions } from './sandbox.ts';

const environment = z
  .object({
    NODE_ENV: z.string().optional(),
    /** Port on 127.0.0.1; 0 takes a free one. */
    SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /** Folder of the journal; memory only without. */
    SANDBOX_DATA: z.string().min(1).optional(),
    SANDBOX_SEED: z.enum(['clinic', 'recorded']).default('clinic'),
    /** Where every clinician's webhook points to; replaced at each start. */
    SANDBOX_WEBHOOK_URL: z.url().optional(),
    SANDBOX_WEBHOOK_SECRET: z.string().min(1).optional(),
  })
  .refine((env) => env.NODE_ENV !== 'production', 'The sandbox is not for production: unset NODE_ENV=production or set CALCOM_API_URL.')
  .refine(
    (env) => (env.SANDBOX_WEBHOOK_URL === undefined) === (env.SANDBOX_WEBHOOK_SECRET === undefined),
    'SANDBOX_WEBHOOK_URL and SANDBOX_WEBHOOK_SECRET go together.',
  );

/** @throws Error that names every wrong variable. */
export function readOptions(env: Record<string, string | undefined>): { port: number; sandbox: SandboxOptions } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = environment.safeParse(given);
  if (!result.success) throw new Error(z.prettifyError(result.error));
  const { SANDBOX_DATA, SANDBOX_WEBHOOK_URL, SANDBOX_WEBHOOK_SECRET } = result.data;
  return {
    port: result.data.SANDBOX_PORT,
    sandbox: {
      seed: result.data.SANDBOX_SEED,
      ...(SANDBOX_DATA !== undefined && { journalDir: SANDBOX_DATA }),
      ...(SANDBOX_WEBHOOK_URL !== undefined &&
        SANDBOX_WEBHOOK_SECRET !== undefined && { webhook: { url: SANDBOX_WEBHOOK_URL, secret: SANDBOX_WEBHOOK_SECRET } }),
    },
  };
}

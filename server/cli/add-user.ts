/** `cli user add`: how staff come to be, and how a clinician is linked to a Cal.com user. */
import { z } from 'zod';
import type { Core } from '../core.ts';
import { encodeId } from '../graphql/global-id.ts';
import type { UserId } from '../kernel/ids.ts';
import { emailText, nameText } from '../users/person-input.ts';
import { CommandFailure } from './command-failure.ts';
import { recordOperatorAudit } from './operator-audit.ts';

const roles = ['PATIENT', 'CLINICIAN', 'FRONT_DESK', 'ADMIN', 'AUDITOR', 'DISPLAY'] as const;

const NewUser = z.object({
  role: z.enum(roles, { error: `--role is one of ${roles.join(', ')}.` }),
  email: emailText,
  name: nameText,
  calcomUserId: z.coerce.number({ error: '--calcom-user-id is a number.' }).int().positive().optional(),
  calcomApiKey: z.string().trim().min(8, 'The API key on standard input is empty or too short.').max(500).optional(),
  emailVerified: z.boolean().default(false),
});
/** As typed at the shell. */
export type NewUserInput = { [Field in keyof z.input<typeof NewUser>]: unknown };

export interface AddedUser {
  id: UserId;
  /** Of the GraphQL node. */
  nodeId: string;
}

/** Throws a CommandFailure for wrong input, and for an address or Cal.com id that somebody has already. */
export async function addUser(core: Core, input: NewUserInput): Promise<AddedUser> {
  const parsed = NewUser.safeParse(input);
  if (!parsed.success) throw new CommandFailure(parsed.error.issues.map((issue) => issue.message).join('\n'));
  const person = parsed.data;
  if (person.role !== 'CLINICIAN' && (person.calcomUserId !== undefined || person.calcomApiKey !== undefined)) {
    throw new CommandFailure('Only a CLINICIAN has a Cal.com user and a key of it.');
  }
  const id = await insert(core, person);
  await recordOperatorAudit(core.services.pool, 'cli.user-add', 'User', id);
  if (person.calcomApiKey !== undefined) await introduce(core, id);
  return { id, nodeId: encodeId(nodeType(person.role), id) };
}

async function insert({ services, encryption }: Core, person: z.output<typeof NewUser>): Promise<UserId> {
  const apiKey = person.calcomApiKey === undefined ? null : encryption.encrypt(person.calcomApiKey, 'calcom-api-key');
  const { rows } = await services.pool.query<{ id: UserId }>(
    `INSERT INTO "User" ("id","role","email","emailVerified","name","timezone","calcomUserId","calcomApiKey","updatedAt")
     SELECT gen_random_uuid(), $1::"Role", $2, $3, $4, $5, $6, $7, now()
     WHERE NOT EXISTS (SELECT 1 FROM "User" WHERE "calcomUserId" = $6)
       AND ($1::"Role" = 'PATIENT' OR NOT EXISTS (SELECT 1 FROM "User" WHERE "email" = $2 AND "role" <> 'PATIENT'))
     RETURNING "id"`,
    [person.role, person.email, person.emailVerified, person.name, services.config.clinic.timeZone, person.calcomUserId ?? null, apiKey],
  );
  const [row] = rows;
  if (row === undefined) throw new CommandFailure('Somebody of the staff has this address already, or this Cal.com id.');
  return row.id;
}

/** Who the key belongs to and what can be booked there; a running gateway asks by itself when Cal.com is away now. */
async function introduce({ credentials, mirror }: Core, id: UserId): Promise<void> {
  credentials.forget();
  const credential = await credentials.of(id);
  const owner = credential === null ? null : await credentials.identify(credential);
  if (owner === null) console.error('Cal.com did not say who this key belongs to; the gateway asks again within the hour.');
  else await mirror();
}

function nodeType(role: (typeof roles)[number]): 'Clinician' | 'Patient' | 'User' {
  if (role === 'CLINICIAN') return 'Clinician';
  return role === 'PATIENT' ? 'Patient' : 'User';
}

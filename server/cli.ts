/** `npm run cli -- …`: what operators do by hand, on the configuration of the running gateway. */
import { text } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addUser } from './cli/add-user.ts';
import { CommandFailure } from './cli/command-failure.ts';
import { doctorText, examine } from './cli/doctor.ts';
import { issueTokenFor } from './cli/issue-token-for.ts';
import { clinicianNames, mirrorLines, mirrorNow } from './cli/mirror-now.ts';
import { recordOperatorAudit } from './cli/operator-audit.ts';
import { createProgressBar } from './cli/progress-bar.ts';
import { provenLines, type ReconcileRequest, reconcileNow, reportTable } from './cli/reconcile-now.ts';
import { registerWebhooks } from './cli/register-webhooks.ts';
import { rotateDataKeys, rotationLines } from './cli/rotate-data-keys.ts';
import { listInbox, replayEvents } from './cli/show-inbox.ts';
import { withCore } from './cli/with-core.ts';
import type { Config } from './config.ts';
import { adoptInstance, identityOf } from './database/instance-identity.ts';
import { forgetInstance } from './instance/instance-store.ts';
import { StartFailure } from './database/start-failure.ts';
import { readConfig } from './start/read-config.ts';
import type { ResolvedConfig } from './start/surroundings.ts';

const program = new Command('cli').description('Fintan Gateway, by hand').showHelpAfterError();

program
  .command('token')
  .description('print a sign-in token for a person (needs AUTH_JWT_SECRET, or the sandbox)')
  .option('--email <address>')
  .option('--user <id>', 'for those who share an address or have none')
  .option('--minutes <n>', 'how long it is good for', positive, 60)
  .action(async (options: { email?: string; user?: string; minutes: number }) => {
    const { email, user, minutes } = options;
    const request = { minutes, ...(email === undefined ? {} : { email }), ...(user === undefined ? {} : { userId: user }) };
    console.log(await withCore(config(), (core) => issueTokenFor(core, request)));
  });

program
  .command('user')
  .description('people')
  .command('add')
  .description('add a person; a clinician is linked to a Cal.com user by id, by key, or by e-mail address')
  .requiredOption('--role <role>', 'PATIENT, CLINICIAN, FRONT_DESK, ADMIN, AUDITOR or DISPLAY')
  .requiredOption('--email <address>')
  .requiredOption('--name <name>')
  .option('--email-verified', 'the address is known to be theirs: bookings made under it are linked')
  .option('--calcom-user-id <id>')
  .option('--calcom-api-key-stdin', "read the clinician's Cal.com key from standard input")
  .option('--json', 'print {"id", "nodeId"}')
  .action(async (options: UserAddOptions) => {
    const calcomApiKey = options.calcomApiKeyStdin === true ? await text(process.stdin) : undefined;
    const added = await withCore(config(), (core) => addUser(core, { ...options, calcomApiKey }));
    console.log(options.json === true ? JSON.stringify(added) : `Added ${added.id} (node ${added.nodeId}).`);
  });

interface UserAddOptions {
  role: string;
  email: string;
  name: string;
  emailVerified?: boolean;
  calcomUserId?: string;
  calcomApiKeyStdin?: boolean;
  json?: boolean;
}

program
  .command('reconcile')
  .description('compare with Cal.com now, and record what differs')
  .option('--dry-run', 'only say what differs')
  .addOption(
    new Option('--window <window>', 'what a board can show, or two months back to more than a year ahead').choices(['near', 'full']),
  )
  .option('--clinician <who>', 'only this one: id, e-mail address or Cal.com username')
  .option('--days-back <n>', 'instead of a window: bookings that started up to so long ago', positive)
  .option('--days-ahead <n>', 'instead of a window: bookings that start within so many days', positive)
  .action(async (options: ReconcileRequest) => {
    const bar = createProgressBar(process.stderr);
    await withCore(config(), async (core) => {
      const reports = await reconcileNow(core, options, (progress) => bar.show(progress)).finally(() => bar.end());
      for (const line of [...reportTable(reports), ...(await provenLines(core))]) console.log(line);
      if (reports.some((report) => report.failures.length > 0)) process.exitCode = 1;
    });
  });

program
  .command('mirror')
  .description('copy event types and working hours from Cal.com now, and say what differed')
  .option('--dry-run', 'only say what differs')
  .action(async (options: { dryRun?: boolean }) => {
    await withCore(config(), async (core) => {
      const report = await mirrorNow(core, options);
      for (const line of mirrorLines(report, await clinicianNames(core))) console.log(line);
      if (report.failed.length > 0) process.exitCode = 1;
    });
  });

program
  .command('inbox')
  .description('webhook events that are not processed, newest first')
  .option('--limit <n>', 'how many at most', positive, 50)
  .action(async (options: { limit: number }) => {
    const lines = await withCore(config(), (core) => listInbox(core, options.limit));
    if (lines.length === 0) console.log('Every webhook event is processed.');
    for (const line of lines)
      console.log(`${line.receivedAt}  ${line.id}  ${line.trigger}  ${line.outcome}  ${line.attempts} tries  ${line.lastError}`.trimEnd());
  });

program
  .command('replay')
  .description('apply events of the inbox again')
  .argument('<id...>')
  .action(async (ids: string[]) => {
    for (const { id, outcome } of await withCore(config(), (core) => replayEvents(core, ids))) console.log(`${id}  ${outcome}`);
  });

program
  .command('webhooks')
  .description("Cal.com's webhooks")
  .command('register')
  .description('create or repair the webhook of every clinician at Cal.com, for WEBHOOK_ENDPOINT')
  .action(async () => {
    const lines = await withCore(config(), registerWebhooks);
    for (const line of lines) console.log(line.text);
    if (lines.some((line) => line.failed)) process.exitCode = 1;
  });

program
  .command('rotate-keys')
  .description('encrypt everything again with the first of DATA_KEYS; may be interrupted and repeated, beside a running gateway')
  .action(async () => {
    const bar = createProgressBar(process.stderr, 'values');
    const complete = config();
    const report = await withCore(complete, (core) => rotateDataKeys(core, (progress) => bar.show(progress))).finally(() => bar.end());
    for (const line of rotationLines(
      report,
      complete.dataKeys.map(({ id }) => id),
    ))
      console.log(line);
    if (report.unreadable.length > 0) process.exitCode = 1;
  });

program
  .command('adopt-instance')
  .description('say that this database belongs to the Cal.com of the configuration')
  .action(async () => {
    await withCore(
      config(),
      async ({ services }) => {
        const madeFor = identityOf(services.config as ResolvedConfig);
        const before = await adoptInstance(services.pool, madeFor);
        await forgetInstance(services.pool, services.clock.now());
        await recordOperatorAudit(services.pool, 'cli.adopt-instance', null, null);
        console.log(
          before === madeFor
            ? `It was already made for ${madeFor}.`
            : `Made for ${madeFor} from now on${before === null ? '' : `, for ${before} until now`}.`,
        );
      },
      { anyInstance: true },
    );
  });

program
  .command('doctor')
  .description('look whether everything the gateway stands on is as it needs it')
  .action(async () => {
    const lines = await withCore(config(), examine, { anyInstance: true });
    console.log(doctorText(lines));
    if (lines.some((line) => line.problem !== null)) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof CommandFailure || error instanceof StartFailure ? error.message : error);
  process.exitCode = 1;
}
// Idle connections of Cal.com's client would hold the process.
process.exit();

function config(): Config {
  return readConfig(process.env);
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

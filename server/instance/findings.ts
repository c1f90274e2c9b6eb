/** The status as sentences: what was looked at, what is wrong, and how to mend it. For doctor, calcomStatus and health. Pure. */
import type { Resource } from '../calcom/capabilities.ts';
import type { UserId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import { featuresOf, type InstanceStatus, isAnotherInstance, type OwnerStatus } from './instance-status.ts';
import type { WebhookProblem } from './webhook-state.ts';

export interface Finding {
  /** What was looked at, in a word or two. */
  what: string;
  /** Whose, when it is about one clinician. */
  ownerId: UserId | null;
  /** A sentence; null: fine. */
  problem: string | null;
  /** A command, or a place in Cal.com's pages. */
  mend: string | null;
  /** What is worth knowing though nothing is wrong. */
  note: string | null;
}

/** A wrong clock of more than that makes tokens and "already over" wrong; less is the network and the header's whole seconds. */
const TOLERATED_SKEW_MS = 30_000;
const REGISTER = '`npm run cli -- webhooks register`';

const fine = (what: string, note: string | null = null, ownerId: UserId | null = null): Finding => ({
  what,
  ownerId,
  problem: null,
  mend: null,
  note,
});

const broken = (what: string, problem: string, mend: string, ownerId: UserId | null = null): Finding => ({
  what,
  ownerId,
  problem,
  mend,
  note: null,
});

export function findingsOf(status: InstanceStatus): Finding[] {
  if (!status.reachable) {
    return [
      broken(
        'Cal.com',
        'It does not answer.',
        'Check CALCOM_API_URL (API v2, without /v2), and that the API container runs and is reached.',
      ),
    ];
  }
  return [
    fine('Cal.com', status.version === null ? 'answers; it does not tell its version' : `answers, version ${status.version}`),
    clock(status),
    identity(status),
    ...keys(status),
    ...releases(status),
    ...webhooks(status),
    meetings(status),
  ];
}

/**
 * What is wrong, in sentences that name nobody. Whether Cal.com answers at all is asked by health itself, and an address
 * that nobody told is doctor's matter: it is no failure of something that worked.
 */
export function healthProblems(status: InstanceStatus): string[] {
  if (!status.reachable) return [];
  const counted = new Map<string, { finding: Finding; owners: number }>();
  for (const finding of findingsOf(status)) {
    if (finding.problem === null || (!status.endpointKnown && finding.what === 'Webhooks')) continue;
    const key = `${finding.what}: ${finding.problem}`;
    const known = counted.get(key) ?? { finding, owners: 0 };
    counted.set(key, { finding, owners: known.owners + (finding.ownerId === null ? 0 : 1) });
  }
  return [...counted].map(([text, { finding, owners }]) => {
    const whose = owners === 0 ? '' : owners === 1 ? ' (one clinician)' : ` (${owners} clinicians)`;
    return `${text}${whose} ${finding.mend ?? ''}`.trim();
  });
}

function clock({ clockSkewMs }: InstanceStatus): Finding {
  if (clockSkewMs === null) return fine('Clocks', 'Cal.com does not show its own');
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (Math.abs(clockSkewMs) <= TOLERATED_SKEW_MS) return fine('Clocks', `${seconds} s apart`);
  const which = clockSkewMs > 0 ? 'ahead of' : 'behind';
  return broken('Clocks', `Cal.com's is ${inWords(seconds)} ${which} ours.`, 'Set the clock (NTP) of whichever machine is wrong.');
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function identity(status: InstanceStatus): Finding {
  const { asked, missing } = status.bookings;
  if (!isAnotherInstance(status)) return fine('Instance', 'the Cal.com that the database is about');
  const why =
    missing === asked && asked > 0 ? 'None of the bookings known here exist there' : 'The keys belong to other people than before';
  return broken(
    'Instance',
    `${why}: another Cal.com answers than the one this database is about. Nothing is copied from it.`,
    'Point CALCOM_API_URL at the former one or use another DATABASE_URL; if this is meant, `npm run cli -- adopt-instance`.',
  );
}

function keys(status: InstanceStatus): Finding[] {
  const { owners, sharedKey } = status;
  const unlicensed = [...owners.map((owner) => owner.key), sharedKey].includes('UNLICENSED');
  if (unlicensed) {
    return [
      broken(
        'Keys',
        'Cal.com refuses every key because it has no valid licence.',
        'Set CALCOM_LICENSE_KEY at the API v2 container; it must reach GET_LICENSE_KEY_URL, or use OAuth.',
      ),
    ];
  }
  const found = owners.map(key);
  if (sharedKey !== null) found.push(shared(sharedKey));
  if (found.length > 0) return found;
  return [
    broken(
      'Keys',
      'No clinician has a Cal.com key.',
      'Cal.com → Settings → Developer → API keys, then `npm run cli -- user add --role CLINICIAN … --calcom-api-key-stdin`.',
    ),
  ];
}

function key(owner: OwnerStatus): Finding {
  const what = 'Key';
  switch (owner.key) {
    case 'ACCEPTED':
      return owner.identity === 'OTHER'
        ? broken(
            what,
            'It belongs to another Cal.com user than before.',
            'Give the clinician the key of their own Cal.com user.',
            owner.ownerId,
          )
        : fine(what, null, owner.ownerId);
    case 'REFUSED':
      return broken(
        what,
        'Cal.com refuses it: wrong, deleted or expired.',
        'A new one from Cal.com → Settings → Developer → API keys, stored with `setCalcomApiKey`; or the clinician connects again.',
        owner.ownerId,
      );
    case 'UNLICENSED':
      return broken(what, 'Cal.com has no valid licence.', 'Set CALCOM_LICENSE_KEY at the API v2 container.', owner.ownerId);
    case 'RATE_LIMITED':
      return fine(what, 'used up its calls for the moment', owner.ownerId);
    case 'UNREACHABLE':
      return broken(what, 'Cal.com did not answer when asked whose it is.', "See the API v2 container's log.", owner.ownerId);
    default:
      return unreachable(owner.key);
  }
}

function shared(state: NonNullable<InstanceStatus['sharedKey']>): Finding {
  const what = 'CALCOM_API_KEY';
  if (state === 'RATE_LIMITED') return fine(what, 'used up its calls for the moment');
  if (state === 'ACCEPTED') {
    return broken(
      what,
      'It belongs to a Cal.com user who is no clinician here.',
      '`npm run cli -- user add --role CLINICIAN` with the e-mail address that Cal.com has.',
    );
  }
  return broken(what, 'Cal.com refuses it.', 'Make a new one in Cal.com → Settings → Developer → API keys.');
}

const NEEDED: readonly Resource[] = ['me', 'eventTypes', 'slots', 'bookings'];
const SPOKEN: Record<Resource, string> = {
  me: 'who a key belongs to',
  eventTypes: 'event types',
  schedules: 'schedules',
  slots: 'slots',
  reservations: 'slot reservations',
  bookings: 'bookings',
  webhooks: 'webhooks',
};

function releases(status: InstanceStatus): Finding[] {
  const named = (names: readonly { resource: Resource }[]) => names.map(({ resource }) => SPOKEN[resource]).join(', ');
  const old = status.resources.filter(
    ({ resource, state }) => state === 'OTHER_SHAPE' || (state === 'MISSING' && (NEEDED.includes(resource) || resource === 'webhooks')),
  );
  const failed = status.resources.filter(({ state }) => state === 'FAILED');
  const findings: Finding[] = [];
  if (old.length > 0) {
    findings.push(
      broken(
        'API v2',
        `This Cal.com is too old, or not all of API v2: ${named(old)} ${old.length === 1 ? 'is' : 'are'} missing or answered in an older shape.`,
        'Update the Cal.com images (5.6 or later, web and API v2 together).',
      ),
    );
  } else if (failed.length > 0) {
    findings.push(broken('API v2', `No answer about ${named(failed)}.`, "See the API v2 container's log and its database."));
  } else findings.push(fine('API v2', 'every resource answers in the version spoken here'));
  const features = featuresOf(status);
  if (!features.reservations) findings.push(fine('Reservations', 'not offered by this Cal.com: slots are held by the gateway alone'));
  if (!features.schedules) findings.push(fine('Schedules', 'not offered by this Cal.com: they are not shown'));
  return findings;
}

function webhooks(status: InstanceStatus): Finding[] {
  if (!status.endpointKnown) {
    return [
      broken(
        'Webhooks',
        'WEBHOOK_ENDPOINT is not set, so nobody can tell whether they are registered.',
        `Set it to the public URL of /api/calcom/webhooks, then ${REGISTER}.`,
      ),
    ];
  }
  return status.owners.filter(({ key: state }) => state === 'ACCEPTED').map(webhook);
}

function webhook({ ownerId, webhook: { known, problems, silent } }: OwnerStatus): Finding {
  const what = 'Webhook';
  if (problems.length > 0)
    return broken(what, problems.map((problem) => WEBHOOK_WORDS[problem]).join(' '), `${REGISTER} mends it.`, ownerId);
  if (silent) {
    return broken(
      what,
      'It is silent: the sweep found changes that no webhook had told.',
      'From the Cal.com containers, is WEBHOOK_ENDPOINT reached (name, TLS, firewall)? Does a proxy change the body?',
      ownerId,
    );
  }
  return fine(what, known ? null : 'could not be looked at', ownerId);
}

const WEBHOOK_WORDS: Record<WebhookProblem, string> = {
  MISSING: 'None is registered for our address: bookings made elsewhere are seen minutes late.',
  INACTIVE: 'It is switched off.',
  TRIGGERS: 'It does not ask for every trigger that concerns an appointment.',
  SECRET: 'It is signed with another secret than WEBHOOK_SECRET: every delivery is refused.',
  TEMPLATE: 'It has a custom payload, which cannot be read.',
  DUPLICATE: 'It is registered more than once: the same event comes several times.',
  EVENT_TYPE: 'An event type has one of its own with our address: the same event comes twice.',
};

function meetings({ meetings: { cron, lastSeenAt } }: InstanceStatus): Finding {
  const what = 'Meeting cron';
  switch (cron) {
    case 'SILENT':
      return broken(
        what,
        `Meetings ended, but no MEETING_STARTED or MEETING_ENDED came${lastSeenAt === null ? '' : ` since ${lastSeenAt}`}.`,
        'Have POST /api/cron/webhookTriggers of the web container called every minute (service `cron` in docker-compose.calcom.yml).',
      );
    case 'RUNS':
      return fine(what, `last heard ${lastSeenAt ?? 'lately'}`);
    case 'UNKNOWN':
      return fine(what, 'cannot be told yet: no meeting known beforehand has ended');
    default:
      return unreachable(cron);
  }
}

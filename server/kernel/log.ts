/**
 * Structured log, one JSON line an entry. Fields are named one by one by the caller;
 * what must never be written is redacted here as the second line of defence:
 * names, e-mails, booking uids and tokens.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** `at`, `level` and `event` are the entry's own: a field of that name would take their place. */
export type LogFields = Record<string, string | number | boolean | null | undefined | string[]> & {
  at?: never;
  level?: never;
  event?: never;
};

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLog(options: { level: LogLevel; write?: (line: string) => void; bound?: LogFields }): Log {
  const write = options.write ?? ((line) => process.stderr.write(`${line}\n`));
  const entry =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (RANK[level] < RANK[options.level]) return;
      write(JSON.stringify({ at: new Date().toISOString(), level, event, ...redactFields({ ...options.bound, ...fields }) }));
    };
  return {
    debug: entry('debug'),
    info: entry('info'),
    warn: entry('warn'),
    error: entry('error'),
    child: (fields) => createLog({ ...options, bound: { ...options.bound, ...fields } }),
  };
}

export const silentLog: Log = createLog({ level: 'error', write: () => {} });

const SENSITIVE_KEYS = /^(name|email|authorization|token|password|secret|uid|bookingUid|apiKey|payload|reason|search)$/i;

function redactFields(fields: LogFields): LogFields {
  const out: LogFields = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (SENSITIVE_KEYS.test(key)) out[key] = '[redacted]';
    else if (typeof value === 'string') out[key] = redact(value);
    else if (Array.isArray(value)) out[key] = value.map(redact);
    else out[key] = value;
  }
  return out;
}

/**
 * Text that came from outside (an upstream error, an exception) without what could name a person or open a door:
 * e-mail addresses, JWTs, `cal_` keys, bearer tokens, and the uid in "uid=…" and "/bookings/…".
 */
export function redact(text: string): string {
  return text
    .replaceAll(/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[email]')
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]')
    .replaceAll(/\bcal_[\w-]+/g, '[key]')
    .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [token]')
    .replaceAll(/\buid\s*[=:]\s*["']?[\w@.-]+/gi, 'uid=[uid]')
    .replaceAll(/(\/bookings\/)[\w-]{8,}/g, '$1[uid]');
}

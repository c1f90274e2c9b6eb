/** Reads single variables of the environment into values; what is wrong with one is added to the complaints. */
import { z } from 'zod';

export type Environment = Record<string, string | undefined>;

/** An environment variable set to the empty string counts as unset (compose files expand missing ones so). */
export function present(value: string | undefined): string | null {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === '' ? null : trimmed;
}

export function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export type Reader = ReturnType<typeof createReader>;

export function createReader(env: Environment, problems: string[]) {
  const text = (name: string) => present(env[name]);
  return {
    text,
    integer(name: string, standard: number, least: number, most: number): number {
      const value = text(name);
      if (value === null) return standard;
      const parsed = z.coerce.number().int().min(least).max(most).safeParse(value);
      if (parsed.success) return parsed.data;
      problems.push(`${name} must be a whole number from ${least} to ${most}, not "${value}".`);
      return standard;
    },
    flag(name: string): boolean {
      const value = text(name);
      if (value !== null && value !== 'true' && value !== 'false') problems.push(`${name} must be true or false, not "${value}".`);
      return value === 'true';
    },
    oneOf<Choice extends string>(name: string, choices: readonly Choice[], standard: Choice): Choice {
      const value = text(name);
      if (value === null) return standard;
      const found = choices.find((choice) => choice === value);
      if (found === undefined) problems.push(`${name} must be one of ${choices.join(', ')}, not "${value}".`);
      return found ?? standard;
    },
    url(name: string, protocols: string[]): string | null {
      const value = text(name);
      if (value === null) return null;
      if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
      problems.push(`${name} must be a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
      return null;
    },
    path(name: string): string | null {
      const value = text(name);
      if (value === null || /^\/(?!\/)[\w./~-]*$/.test(value)) return value;
      problems.push(`${name} must be a path of the gateway's own origin such as /oauth2/token, not "${value}".`);
      return null;
    },
    origin(name: string, value: string): string {
      if (URL.canParse(value) && new URL(value).origin === value) return value;
      problems.push(`${name} must list origins such as https://clinic.example, without a path; "${value}" is none.`);
      return value;
    },
    domain(name: string, standard: string): string {
      const value = text(name)?.toLowerCase() ?? null;
      if (value === null) return standard;
      if (/^(?=.{4,190}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(value)) return value;
      problems.push(`${name} must be a domain such as placeholder.invalid, not "${value}".`);
      return standard;
    },
    timeZone(name: string, standard: string): string {
      const value = text(name);
      if (value === null) return standard;
      if (isTimeZone(value)) return value;
      problems.push(`${name} must be an IANA zone such as Europe/Amsterdam, not "${value}".`);
      return standard;
    },
  };
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return !/^[+-]/.test(value);
  } catch {
    return false;
  }
}

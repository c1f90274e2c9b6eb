/** Checks of request properties that end in the recorded complaints. */
import type { PropertyProblem, ValidatorError } from '../engine/api-failure.ts';
import { isTimeZone, parseIso } from '../engine/instant.ts';

/** Gathers complaints in the order of asking; a value is returned only when it is right. */
export interface PropertyChecks {
  problems: PropertyProblem[];
  iso(property: string, value: unknown): number | undefined;
  timeZone(property: string, value: unknown): string | undefined;
  unknown(value: Record<string, unknown>, known: readonly string[]): void;
  complain(property: string, ...constraints: string[]): void;
}

export function propertyChecks(): PropertyChecks {
  const problems: PropertyProblem[] = [];
  const complain = (property: string, ...constraints: string[]): void => {
    problems.push({ property, constraints });
  };
  return {
    problems,
    complain,
    iso: (property, value) => {
      const at = parseIso(value);
      if (at === undefined) complain(property, `${property} must be a valid ISO 8601 date string`);
      return at;
    },
    timeZone: (property, value) => {
      if (isTimeZone(value)) return value;
      complain(property, `${property} must be a valid IANA time-zone`);
      return undefined;
    },
    unknown: (value, known) => {
      for (const property of Object.keys(value)) {
        if (!known.includes(property)) complain(property, `property ${property} should not exist`);
      }
    },
  };
}

/** One entry of class-validator's list; `value` is left out when the property was missing (050). */
export function validatorError(target: Record<string, unknown>, property: string, constraints: Record<string, string>): ValidatorError {
  const value = target[property];
  return { target, ...(value !== undefined && { value }), property, children: [], constraints };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

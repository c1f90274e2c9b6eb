/** What a webhook can turn out to mean, and how each family of triggers says it. */
import type { z } from 'zod';
import type { BookingUid } from '../kernel/ids.ts';
import type { BookingObservation } from './booking.ts';

export type WebhookMeaning =
  | {
      kind: 'BOOKING';
      observations: BookingObservation[];
      /** Must be read from the API to know the truth. */
      refetch: BookingUid[];
      /** One event stood for a whole series: every booking of this one's series must be read. */
      refetchSeriesOf: BookingUid | null;
    }
  /** A host is away: new, or changed since. */
  | { kind: 'TIME_OFF'; timeOff: HostTimeOff }
  | { kind: 'IGNORED'; reason: 'UNKNOWN_TRIGGER' | 'NOT_ABOUT_AN_APPOINTMENT' }
  /** Paths and codes only, no values. */
  | { kind: 'INVALID'; problem: string };

/** Instants are Unix ms. */
export interface HostTimeOff {
  /** Cal.com's id of the entry: the same when it is changed later. */
  upstreamUid: string;
  startsAt: number;
  endsAt: number;
  /** When it was changed at Cal.com. */
  upstreamAt: number;
  host: { calcomUserId: number | null; email: string | null };
}

export type Saying = Extract<WebhookMeaning, { kind: 'BOOKING' }>;

/** Where and when what is observed was said. */
export type Origin = Pick<BookingObservation, 'source' | 'observedAt' | 'upstreamAt'>;

export function saying(
  observations: BookingObservation[],
  and: { refetch?: BookingUid[]; refetchSeriesOf?: BookingUid | null } = {},
): Saying {
  return { kind: 'BOOKING', observations, refetch: and.refetch ?? [], refetchSeriesOf: and.refetchSeriesOf ?? null };
}

export function reading<Schema extends z.ZodType>(
  schema: Schema,
  payload: unknown,
  means: (value: z.output<Schema>) => WebhookMeaning,
): WebhookMeaning {
  const parsed = schema.safeParse(payload);
  return parsed.success ? means(parsed.data) : invalid(parsed.error);
}

export function invalid(error: z.ZodError): WebhookMeaning {
  const problems = error.issues.slice(0, 5).map((issue) => `${issue.path.map(String).join('.') || '(body)'}: ${issue.code}`);
  return { kind: 'INVALID', problem: problems.join(', ') };
}

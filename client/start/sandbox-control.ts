/** Calls of the sandbox's control, through the gateway. Each happens as it would in Cal.com. */
export type Happening = 'book' | 'reschedule' | 'cancel' | 'confirm' | 'decline' | 'no-show' | 'burst';

export type Fault = 'drop' | 'duplicate' | 'reorder' | 'delay' | 'down';

/** What was done, in the sandbox's words, or why it was refused. */
export type Happened = { ok: true; what: string | null } | { ok: false; why: string | null };

const BURST = 20;
const HIT_NEXT = 5;
const DELAY_MS = 3_000;

export function make(happening: Happening): Promise<Happened> {
  return post(happening, happening === 'burst' ? { count: BURST } : {});
}

export function setFault(fault: Fault, on: boolean): Promise<Happened> {
  switch (fault) {
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return post('faults', { webhooks: { [fault]: on ? HIT_NEXT : 0 } });
    case 'delay':
      return post('faults', { webhooks: { delayMs: on ? DELAY_MS : 0 } });
    case 'down':
      return post('faults', { api: { down: on } });
  }
}

async function post(path: string, body: unknown): Promise<Happened> {
  try {
    const response = await fetch(`/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return response.ok
      ? { ok: true, what: textAt(answer, ['booking', 'title']) }
      : { ok: false, why: textAt(answer, ['error']) ?? textAt(answer, ['error', 'message']) };
  } catch {
    return { ok: false, why: null };
  }
}

function textAt(value: unknown, path: readonly string[]): string | null {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return null;
    current = (current as Record<string, unknown>)[key];
  }
  return typeof current === 'string' ? current : null;
}

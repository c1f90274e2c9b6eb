/** The sandbox's control as the start page uses it, through the gateway. */
export interface SandboxBooking {
  uid: string;
  status: string;
  start: string;
  attendees: { name: string; email: string }[];
}

/** Throws with the sandbox's own words when it refuses. */
export function sandbox(url: string, operation: string, body: Record<string, unknown>): Promise<SandboxBooking> {
  return drive(`${url}/sandbox/${operation}`, operation, body);
}

/** The same while no gateway runs that would pass it on. */
export function sandboxItself(url: string, operation: string, body: Record<string, unknown>): Promise<SandboxBooking> {
  return drive(`${url}/_control/${operation}`, operation, body);
}

async function drive(address: string, operation: string, body: Record<string, unknown>): Promise<SandboxBooking> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { booking: SandboxBooking; error?: string };
  if (!response.ok) throw new Error(`The sandbox would not ${operation}: ${answer.error}`);
  return answer.booking;
}

export async function sandboxBookings(url: string): Promise<SandboxBooking[]> {
  const response = await fetch(`${url}/sandbox/state`);
  return ((await response.json()) as { bookings: SandboxBooking[] }).bookings;
}

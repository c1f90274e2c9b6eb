/**
 * A bearer that ends and can be renewed. Cal.com says 498 for an ended access token (CONTRACT 2), before it does anything:
 * so the call is repeated with another one, once, writes too.
 */
import type { Result } from '../kernel/result.ts';
import type { CalcomFailure } from './errors.ts';

export interface RenewableToken {
  /** As known now; renewed first when it is about to end. */
  bearer(): Promise<Result<string, CalcomFailure>>;
  /** Another one for one that was refused; those who ask at the same time get the same. */
  renew(refused: string): Promise<Result<string, CalcomFailure>>;
  /** What was renewed just now is refused as well: the grant opens nothing any more. */
  giveUp(refused: string): Promise<void>;
}

/** Makes the call with a bearer that is good, as far as anybody can tell. */
export async function callWithToken<Value>(
  token: RenewableToken,
  call: (bearer: string) => Promise<Result<Value, CalcomFailure>>,
): Promise<Result<Value, CalcomFailure>> {
  const known = await token.bearer();
  if (!known.ok) return known;
  const first = await call(known.value);
  if (first.ok || !refusesToken(first.failure)) return first;
  const renewed = await token.renew(known.value);
  if (!renewed.ok) return renewed;
  const second = await call(renewed.value);
  if (!second.ok && second.failure.status === 401 && refusesToken(second.failure)) await token.giveUp(renewed.value);
  return second;
}

/** Ended (498), or not known to Cal.com: revoked, or replaced by force (MEASURED 004). Other 401s are about what was asked. */
function refusesToken({ status, message }: CalcomFailure): boolean {
  return status === 498 || (status === 401 && message.startsWith('Invalid Access Token'));
}

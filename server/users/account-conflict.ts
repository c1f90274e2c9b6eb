/** What an account shares with no other: the e-mail among staff, and the sign-in. The database decides, also between two at once. */
import pg from 'pg';
import { type Failure, invalidInput } from '../appointments/failure.ts';
import { fail, type Result } from '../kernel/result.ts';

const UNIQUE_VIOLATION = '23505';

/** The result of `work`, or which field belongs to somebody else. Other errors are thrown on. */
export async function orConflict<Value>(work: Promise<Result<Value, Failure>>): Promise<Result<Value, Failure>> {
  try {
    return await work;
  } catch (error) {
    const failure = error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION ? conflictOf(error.constraint) : null;
    if (failure === null) throw error;
    return fail(failure);
  }
}

function conflictOf(constraint: string | undefined): Failure | null {
  switch (constraint) {
    case 'User_staff_email':
      return invalidInput({ path: 'email', message: 'Somebody else of the staff has this e-mail address.' });
    case 'User_identityIssuer_identitySubject_key':
      return invalidInput({ path: 'identity', message: 'Somebody else signs in with this identity.' });
    default:
      return null;
  }
}

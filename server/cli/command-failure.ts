/** A command that could not do what it was asked; printed as a sentence, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** Something the person who starts the gateway can put right; printed as it is, without a stack. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/**
 * The answers that are not successes. The imitated server throws HTTP exceptions and formats them at one door; so do we.
 * Two body shapes exist (MEASURED "Errors"): `framework` {status, timestamp, path, error} and `core` {statusCode, message}.
 */
export class ApiFailure extends Error {
  readonly status: number;
  readonly shape: 'framework' | 'core';
  readonly code: string;
  /** Undefined: the body carries no `details`. */
  readonly details: unknown;

  constructor(status: number, shape: 'framework' | 'core', code: string, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.shape = shape;
    this.code = code;
    this.details = details;
  }
}

const exception =
  (status: number, code: string, error: string) =>
  (message: string): ApiFailure =>
    new ApiFailure(status, 'framework', code, message, { message, error, statusCode: status });

export const badRequest = exception(400, 'BadRequestException', 'Bad Request');
export const unauthorized = exception(401, 'UnauthorizedException', 'Unauthorized');
export const forbidden = exception(403, 'ForbiddenException', 'Forbidden');
export const notFound = exception(404, 'NotFoundException', 'Not Found');
export const conflict = exception(409, 'ConflictException', 'Conflict');
export const unprocessable = exception(422, 'UnprocessableEntityException', 'Unprocessable Entity');

/** Thrown by the shared booking core: the short body. */
export const coreFailure = (status: number, message: string): ApiFailure => new ApiFailure(status, 'core', '', message);

/** The web application's own procedures; the text is generic on purpose (148, 151). */
export const trpcFailure = (status: number, message: string): ApiFailure => new ApiFailure(status, 'framework', 'TRPCError', message);

/** zod and Prisma filters: a code in capitals, no details (022, 073). */
export const filtered = (status: number, code: string, message: string): ApiFailure => new ApiFailure(status, 'framework', code, message);

/** One complaint of class-validator, as `details.errors[]` lists it. */
export interface ValidatorError {
  target: unknown;
  value?: unknown;
  property: string;
  children: never[];
  constraints: Record<string, string>;
}

/** class-validator's own shape (025, 048, 115): the message says nothing, the list says all. */
export const validatorFailure = (errors: ValidatorError[]): ApiFailure =>
  new ApiFailure(400, 'framework', 'BadRequestException', 'Bad Request Exception', { errors });

/** What is wrong with one property of a booking or slot request; `children` for an object inside. */
export type PropertyProblem = { property: string; constraints: string[] } | { property: string; children: PropertyProblem[] };

/** The bookings and slots controllers flatten the list into one text, trailing blanks included (044, 074, 229). */
export const propertyFailure = (problems: PropertyProblem[]): ApiFailure => badRequest(problems.map(propertyText).join(', '));

function propertyText(problem: PropertyProblem): string {
  if ('constraints' in problem) return `${problem.property} property is wrong,${problem.constraints.join(', ')} `;
  return `${problem.property} property is wrong, ${problem.children.map(propertyText).join(', ')} `;
}

import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

/** One field that is wrong. `pointer`: `#/items/0/sku` in the body, else `query/limit`, `path/orderId`, `header/accept`. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions extends ErrorOptions {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** What kind of problem it is, the same for each of its kind. The status's own phrase by default. */
  readonly title?: string;
  /** What is wrong this time, for a person to read: goes to the caller, so no internals. */
  readonly detail?: string;
  /** A URI that names the kind of problem: programs switch on it. */
  readonly type?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds after which to try again: the Retry-After header. */
  readonly retryAfter?: number;
  /** Further headers of the answer: `Allow` of a 405. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that isn't the hoped for one (RFC 9457). Throw it from a handler: the kit sends it. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly type: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: ProblemOptions) {
    const title = options.title ?? STATUS_CODES[options.status] ?? 'Error';
    super(options.detail ?? title, { cause: options.cause });
    this.name = 'Problem';
    this.status = options.status;
    this.title = title;
    this.detail = options.detail;
    this.type = options.type ?? 'about:blank';
    this.errors = options.errors;
    this.headers =
      options.retryAfter === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'retry-after': String(options.retryAfter) };
  }
}

/** What travels as `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().describe('A URI that names the kind of problem; about:blank if the status says it all'),
    title: z.string().describe('The kind of problem in words'),
    status: z.int().describe('The HTTP status once more'),
    detail: z.string().optional().describe('What is wrong this time'),
    instance: z.string().optional().describe('The path that was asked for'),
    traceId: z.string().optional().describe('Finds this request in logs and traces'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('Where: #/items/0/sku in the body, query/…, path/… or header/…'),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Every field that is wrong'),
  })
  .meta({ id: 'Problem', description: 'An error, as in RFC 9457' });

export type ProblemBody = z.infer<typeof problemSchema>;

export const problemContentType = 'application/problem+json; charset=utf-8';

/** @returns the JSON text of a problem. `instance` is a path without its query. */
export function problemText(problem: Problem, instance?: string, traceId?: string): string {
  const body: ProblemBody = {
    type: problem.type,
    title: problem.title,
    status: problem.status,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    ...(instance !== undefined && { instance }),
    ...(traceId !== undefined && { traceId }),
    ...(problem.errors !== undefined && { errors: [...problem.errors] }),
  };
  return JSON.stringify(body);
}

/** Where the witnesses are. The addresses of a local stack have this shape, too. */
export interface Witnesses {
  readonly kafka: { readonly brokers: readonly string[] };
  /** The registry's Confluent-compatible API: …/apis/ccompat/v7 */
  readonly registry: string;
  /** postgres://role:password@host:port/database, by service: with a role that can read and nothing else. */
  readonly auditor: Readonly<Record<string, string>>;
  /** The payment provider, whose `GET /charges` is its ledger. */
  readonly paymentProvider: string;
  /** `messages`: where `GET` answers all mails that were delivered. */
  readonly mail: { readonly messages: string };
}

/** A witness could not be asked, so nothing can be said. */
export class WitnessAway extends Error {
  readonly code = 'WITNESS_AWAY';
  readonly retryable = true;
  override name = 'WitnessAway';

  constructor(witness: string, cause: unknown) {
    super(`${witness} can't be asked: ${messageOf(cause)}`, { cause });
  }
}

/** Does it, and says whose fault it is when it fails. */
export async function asking<Result>(witness: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof WitnessAway) throw cause;
    throw new WitnessAway(witness, cause);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node's fetch and its sockets keep the reason inside.
  const { cause } = error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  const reason = error instanceof AggregateError ? messageOf(error.errors[0]) : error.message;
  return inner === undefined ? reason : `${reason} (${messageOf(inner)})`;
}

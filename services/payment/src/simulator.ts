/**
 * The rules of a payment provider that works like a real one, with Stripe's test conventions: what a token stands for is
 * told by its name. Pure: `answer` decides, `enter` folds a decision into the ledger, and the ledger is the fold of its
 * entries, so that it can be read again from a file.
 */

/** Body of POST /charges. */
export interface ChargeRequest {
  readonly orderId: string;
  /** Minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly paymentMethod: string;
}

/** Body of POST /refunds. */
export interface RefundRequest {
  readonly chargeId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
}

export type Request =
  | { readonly to: 'charge'; readonly key: string; readonly body: ChargeRequest }
  | { readonly to: 'refund'; readonly key: string; readonly body: RefundRequest };

/** One line of the ledger. `at`: epoch ms. */
export type Entry =
  | {
      readonly entry: 'charge' | 'decline';
      readonly key: string;
      readonly at: number;
      readonly chargeId: string;
      readonly request: ChargeRequest;
      readonly code?: string;
    }
  | {
      readonly entry: 'refund';
      readonly key: string;
      readonly at: number;
      readonly refundId: string;
      readonly request: RefundRequest;
    }
  | { readonly entry: 'fault'; readonly key: string; readonly at: number };

/** A charge as GET /charges shows it. A refund leaves the status as it was and shows in `refundedAmount`. */
export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'succeeded' | 'failed';
  readonly refundedAmount: number;
}

interface KnownCharge extends Charge {
  readonly paymentMethod: string;
  readonly index: number;
}

export interface Ledger {
  /** What each idempotency key was answered. */
  readonly answered: Map<string, Exclude<Entry, { entry: 'fault' }>>;
  /** How often each key ran into a fault. */
  readonly faults: Map<string, number>;
  /** In the order they were made. */
  readonly charges: KnownCharge[];
  readonly byId: Map<string, KnownCharge>;
  readonly byOrder: Map<string, readonly string[]>;
}

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** When an answer goes out: at once, after about a second, or after the caller has given up. */
export type Pace = 'atOnce' | 'slow' | 'late';

export interface Turn {
  readonly answer: Answer;
  readonly pace: Pace;
  /** What must be in the ledger before the answer goes out. */
  readonly entry?: Entry;
}

export interface SimulatorContext {
  /** Epoch ms. */
  readonly now: number;
  readonly newId: () => string;
}

interface Conduct {
  readonly declines?: string;
  /** So many times for each key, then it works. */
  readonly faults?: number;
  readonly pace?: Pace;
}

const conducts: Readonly<Record<string, Conduct>> = {
  tok_visa: {},
  tok_chargeDeclined: { declines: 'card_declined' },
  tok_insufficientFunds: { declines: 'insufficient_funds' },
  tok_processingError: { faults: 2 },
  tok_timeout: { pace: 'late' },
  tok_slow: { pace: 'slow' },
};

const conductOf = (token: string): Conduct =>
  (Object.hasOwn(conducts, token) ? conducts[token] : undefined) ?? { declines: 'invalid_payment_method' };

export const emptyLedger = (): Ledger => ({
  answered: new Map(),
  faults: new Map(),
  charges: [],
  byId: new Map(),
  byOrder: new Map(),
});

/** What the provider answers. The same key gets the same answer, at once; another request under it is refused. */
export function answer(ledger: Ledger, request: Request, context: SimulatorContext): Turn {
  const before = ledger.answered.get(request.key);
  if (before !== undefined)
    return atOnce(isSameRequest(before, request) ? storedAnswer(before) : keyReused());
  const charge = request.to === 'refund' ? ledger.byId.get(request.body.chargeId) : undefined;
  const refusal = request.to === 'refund' ? refusalOf(request.body, charge) : undefined;
  if (refusal !== undefined) return atOnce(refusal);
  const {
    faults = 0,
    pace = 'atOnce',
    declines,
  } = conductOf(request.to === 'charge' ? request.body.paymentMethod : (charge?.paymentMethod ?? ''));
  if ((ledger.faults.get(request.key) ?? 0) < faults) {
    return { ...atOnce(fault()), entry: { entry: 'fault', key: request.key, at: context.now } };
  }
  const entry = entryFor(request, declines, context);
  return { answer: storedAnswer(entry), pace, entry };
}

/** Takes an entry into the ledger. */
export function enter(ledger: Ledger, entry: Entry): void {
  if (entry.entry === 'fault') {
    ledger.faults.set(entry.key, (ledger.faults.get(entry.key) ?? 0) + 1);
    return;
  }
  ledger.answered.set(entry.key, entry);
  ledger.faults.delete(entry.key);
  if (entry.entry === 'refund') enterRefund(ledger, entry.request);
  else enterCharge(ledger, entry.chargeId, entry.request, entry.entry === 'charge' ? 'succeeded' : 'failed');
}

/** An order's charges with this status. */
export const chargesOf = (ledger: Ledger, orderId: string, status: Charge['status']): Charge[] =>
  (ledger.byOrder.get(orderId) ?? []).flatMap((id) => {
    const charge = ledger.byId.get(id);
    return charge?.status === status ? [shown(charge)] : [];
  });

/** A page of all charges with this status, in the order they were made, from the one after `after` on. */
export function listCharges(
  ledger: Ledger,
  status: Charge['status'],
  limit: number,
  after?: string,
): Charge[] {
  const page: Charge[] = [];
  const start = after === undefined ? 0 : (ledger.byId.get(after)?.index ?? -1) + 1;
  for (let index = start; index < ledger.charges.length && page.length < limit; index += 1) {
    const charge = ledger.charges[index];
    if (charge?.status === status) page.push(shown(charge));
  }
  return page;
}

function enterCharge(
  ledger: Ledger,
  chargeId: string,
  request: ChargeRequest,
  status: Charge['status'],
): void {
  const charge = { chargeId, ...request, status, refundedAmount: 0, index: ledger.charges.length };
  ledger.charges.push(charge);
  ledger.byId.set(chargeId, charge);
  ledger.byOrder.set(request.orderId, [...(ledger.byOrder.get(request.orderId) ?? []), chargeId]);
}

function enterRefund(ledger: Ledger, { chargeId, amount }: RefundRequest): void {
  const charge = ledger.byId.get(chargeId);
  if (charge === undefined) throw new Error(`The ledger refunds ${chargeId}, which it never charged`);
  const refunded = { ...charge, refundedAmount: charge.refundedAmount + amount };
  ledger.charges[charge.index] = refunded;
  ledger.byId.set(chargeId, refunded);
}

function entryFor(request: Request, declines: string | undefined, { now, newId }: SimulatorContext) {
  const { key } = request;
  if (request.to === 'refund') {
    return { entry: 'refund', key, at: now, refundId: newId(), request: request.body } as const;
  }
  const charge = { key, at: now, chargeId: newId(), request: request.body };
  return declines === undefined
    ? ({ entry: 'charge', ...charge } as const)
    : ({ entry: 'decline', ...charge, code: declines } as const);
}

function isSameRequest(entry: Exclude<Entry, { entry: 'fault' }>, request: Request): boolean {
  if ((entry.entry === 'refund') !== (request.to === 'refund')) return false;
  const [before, now] = [Object.entries(entry.request), new Map(Object.entries(request.body))];
  return before.length === now.size && before.every(([field, value]) => now.get(field) === value);
}

function storedAnswer(entry: Exclude<Entry, { entry: 'fault' }>): Answer {
  if (entry.entry === 'refund') return { status: 201, body: { refundId: entry.refundId, ...entry.request } };
  if (entry.entry === 'decline')
    return failure(402, 'card_error', entry.code ?? 'card_declined', 'The charge was declined');
  const { orderId, amount, currency } = entry.request;
  const { chargeId } = entry;
  return {
    status: 201,
    body: { chargeId, orderId, amount, currency, status: 'succeeded', refundedAmount: 0 },
  };
}

/** Why a charge can't be refunded, if so: never more than was charged. */
function refusalOf(refund: RefundRequest, charge: Charge | undefined): Answer | undefined {
  if (charge === undefined)
    return failure(404, 'invalid_request_error', 'resource_missing', 'No such charge');
  if (charge.status === 'failed')
    return failure(400, 'invalid_request_error', 'charge_declined', 'The charge was declined');
  if (charge.currency !== refund.currency) {
    return failure(400, 'invalid_request_error', 'currency_mismatch', `The charge was in ${charge.currency}`);
  }
  if (charge.refundedAmount + refund.amount > charge.amount) {
    return failure(400, 'invalid_request_error', 'amount_too_large', 'More than is left of the charge');
  }
  return undefined;
}

const atOnce = (given: Answer): Turn => ({ answer: given, pace: 'atOnce' });

const keyReused = () =>
  failure(409, 'idempotency_error', 'idempotency_key_reused', 'The key was used for another request');

const fault = () =>
  failure(500, 'api_error', 'processing_error', 'An error occurred while processing the card');

/** An error as the provider words it. */
export const failure = (status: number, type: string, code: string, message: string): Answer => ({
  status,
  body: { error: { type, code, message } },
});

const shown = ({ paymentMethod: _token, index: _index, ...charge }: KnownCharge): Charge => charge;

import { readJson } from '../read-json.ts';
import type { Witnesses } from '../witnesses.ts';
import { digestAddress } from './facts.ts';

/** Money that moved, as the provider's ledger has it. */
export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: 'succeeded' | 'failed';
  /** Minor units. */
  readonly refundedAmount: number;
}

/** A mail as the mailbox has it. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/** A mail, as little of it as judging needs. */
export interface Delivered {
  readonly template: string;
  /** See `digestAddress`. */
  readonly to: string;
}

export interface Mailbox {
  readonly byOrder: ReadonlyMap<string, readonly Delivered[]>;
  readonly mails: number;
  /** Mails without an order: none of ours. */
  readonly others: number;
  /** Of the oldest mail that is still there, epoch ms; infinity where none is. */
  readonly since: number;
}

const PAGE = 1_000;

/** Every charge, page by page: successful ones, and failed ones where the provider tells of them. */
export async function readLedger(
  { paymentProvider }: Pick<Witnesses, 'paymentProvider'>,
  onPage: (charges: number) => void = () => {},
): Promise<ReadonlyMap<string, readonly Charge[]>> {
  const byOrder = new Map<string, Charge[]>();
  let read = 0;
  for (let after: string | undefined; ; ) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(after !== undefined && { after }) });
    const page = await readJson<Charge[]>(
      'the payment provider',
      `${paymentProvider}/charges?${query.toString()}`,
    );
    for (const { chargeId, orderId, amount, currency, status, refundedAmount } of page) {
      const charge = { chargeId, orderId, amount, currency, status, refundedAmount };
      byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), charge]);
    }
    read += page.length;
    onPage(read);
    after = page.at(-1)?.chargeId;
    if (page.length < PAGE) return byOrder;
  }
}

/** Page by page; a mailbox that knows no pages answers all at once. */
export async function readMailbox({ mail }: Pick<Witnesses, 'mail'>): Promise<Mailbox> {
  const byOrder = new Map<string, Delivered[]>();
  let others = 0;
  let since = Number.POSITIVE_INFINITY;
  let read = 0;
  for (;;) {
    const page = await readJson<Mail[]>('the mailbox', `${mail.messages}?from=${read}&limit=${PAGE}`);
    for (const { to, headers } of page) {
      const order = headers['x-order-id'];
      if (order === undefined) others += 1;
      else {
        since = Math.min(since, Date.parse(headers['date'] ?? '') || Number.POSITIVE_INFINITY);
        const delivered = { template: headers['x-template'] ?? '', to: digestAddress(to) };
        byOrder.set(order, [...(byOrder.get(order) ?? []), delivered]);
      }
    }
    read += page.length;
    if (page.length !== PAGE) return { byOrder, mails: read, others, since };
  }
}

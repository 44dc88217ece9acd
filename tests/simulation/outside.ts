import type { Mailer } from '@skald/email/simulation';
import { TransientError } from '@skald/messaging/simulation';
import {
  answer,
  chargeAnswerOf,
  emptyLedger,
  enter,
  type Ledger,
  type Provider,
  type Request,
  refundAnswerOf,
} from '@skald/payment/simulation';
import { type Carrier, skaldExpress } from '@skald/shipping/simulation';
import type { Process, Scheduler } from './scheduler.ts';
import { EPOCH } from './simulated-time.ts';
import type { Watch } from './watch.ts';

/** Those who are called, and what they remember: the witnesses of what really happened. */
export interface Outside {
  readonly ledger: Ledger;
  readonly mailbox: { readonly orderId: string; readonly template: string; readonly to: string }[];
  /** Booked, by key; and called off, by tracking number. */
  readonly parcels: Map<string, string>;
  readonly calledOff: Set<string>;
  /** One call in so many fails, before or after what it asks for is done; 0: none. */
  failsOneIn: number;
  provider(process: Process): Provider;
  carrier(process: Process): Carrier;
  mailer(process: Process): Mailer;
}

const SLOW_MS = 1_000;
const TIMEOUT_MS = 2_000;

export function createOutside(scheduler: Scheduler, watch: Watch): Outside {
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };

  /** There, done, and back: each of the three may fail. `delayMs`: how long the answer is held back. */
  const visit = <Result>(
    process: Process,
    label: string,
    work: () => { result: Result; delayMs: number },
  ): Promise<Result> =>
    new Promise((resolve, reject) => {
      const fails = () => outside.failsOneIn > 0 && scheduler.oneIn(outside.failsOneIn);
      const away = () => reject(new TransientError('AWAY', `${label}: no answer`));
      if (fails()) {
        scheduler.schedule(scheduler.latency(), process, `${label} is away`, away);
        return;
      }
      scheduler.schedule(scheduler.latency(), undefined, label, () => {
        const { result, delayMs } = work();
        watch.happened('call done', process);
        if (delayMs >= TIMEOUT_MS || fails())
          scheduler.schedule(TIMEOUT_MS, process, `${label}: no answer in time`, away);
        else
          scheduler.schedule(scheduler.latency() + delayMs, process, `${label} answers`, () =>
            resolve(result),
          );
      });
    });

  const ask = (process: Process, request: Request) =>
    visit(process, request.to, () => {
      const turn = answer(ledger, request, { now: Math.floor(EPOCH + scheduler.now), newId });
      if (turn.entry !== undefined) enter(ledger, turn.entry);
      const delayMs = turn.pace === 'atOnce' ? 0 : turn.pace === 'slow' ? SLOW_MS : TIMEOUT_MS;
      return { result: turn.answer, delayMs };
    });

  const ledger = emptyLedger();
  const outside: Outside = {
    ledger,
    mailbox: [],
    parcels: new Map(),
    calledOff: new Set(),
    failsOneIn: 0,
    provider: (process) => ({
      async charge(key, { orderId, amount, paymentMethod }) {
        return chargeAnswerOf(
          await ask(process, { to: 'charge', key, body: { orderId, ...amount, paymentMethod } }),
        );
      },
      async refund(key, { chargeId, amount }) {
        return refundAnswerOf(await ask(process, { to: 'refund', key, body: { chargeId, ...amount } }));
      },
      close: async () => undefined,
    }),
    carrier: (process) => ({
      async book(request, signal) {
        const answered = await skaldExpress.book(request, signal);
        return visit(process, 'the carrier books', () => {
          if (answered.status === 'booked') outside.parcels.set(request.key, answered.trackingNumber);
          return { result: answered, delayMs: 0 };
        });
      },
      callOff: (trackingNumber) =>
        visit(process, 'the carrier calls off', () => {
          outside.calledOff.add(trackingNumber);
          return { result: undefined, delayMs: 0 };
        }),
    }),
    mailer: (process) => ({
      isRepeatable: false,
      concurrency: 4,
      async send({ orderId, template, to }) {
        const isSent = visit(process, 'a mail goes out', () => {
          outside.mailbox.push({ orderId, template, to: to.address });
          return { result: true, delayMs: 0 };
        });
        try {
          await isSent;
          return { status: 'sent' };
        } catch (error) {
          const hasLeft = outside.mailbox.some(
            (mail) => mail.orderId === orderId && mail.template === template,
          );
          // Nobody knows, unless the server was never reached.
          if (hasLeft) return { status: 'unknown', cause: 'no answer' };
          throw error;
        }
      },
      close: async () => undefined,
    }),
  };
  return outside;
}

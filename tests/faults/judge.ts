import { audit } from '@skald/auditor';
import { createShop, eventually, type OrderSummary, send, waitForRest } from '@skald/testkit';
import { endsOf } from './order-mix.ts';
import type { System } from './system.ts';
import type { AcceptedOrder, Workload } from './workload.ts';

/** The `ce_source` of records that a test writes by itself: nobody is to be blamed for them. */
export const FOREIGN = 'faults';
/** The same of poison records. */
const POISON = 'e2e';
/** From the last answer to a customer until nothing moves any more, ms: on a busy machine. */
const REST_TIMEOUT_MS = 150_000;

/**
 * Waits until all is at rest, and holds what has become of these workloads, all that the system has ever had, to what
 * is promised: each order came to the end that it was made for, a POST that failed exists once or not at all, and the
 * invariants hold. Answers what is wrong, one finding a line; nothing if all is well.
 */
export async function judge(
  system: Pick<System, 'stack' | 'databases' | 'say'>,
  workloads: readonly Workload[],
): Promise<string[]> {
  const { addresses } = system.stack;
  const accepted = workloads.flatMap((workload) => [...workload.accepted.keys()]);
  await waitForRest(addresses, accepted, { timeoutMs: REST_TIMEOUT_MS });
  system.say('all is at rest');
  const orders = await createShop(addresses).listOrders();
  // A witness may be away for a moment: leaders still move.
  const { violations } = await eventually(
    () =>
      audit(addresses, {
        accepted,
        noPoison: true,
        mailboxIsWhole: true,
        ignoreSources: [FOREIGN, POISON],
      }),
    { timeoutMs: 60_000, what: 'all witnesses answer' },
  );
  const findings = [
    ...wrongEnds(orders, workloads),
    ...wrongNumbers(orders, workloads),
    ...(await changedAnswers(system, workloads)),
    ...violations.map(({ invariant, subject, says }) => `${invariant}. ${subject} ${says}`),
  ];
  await tell(system, orders, workloads);
  return findings;
}

function wrongEnds(orders: readonly OrderSummary[], workloads: readonly Workload[]): string[] {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  return workloads
    .flatMap(({ accepted }) => [...accepted])
    .flatMap(([orderId, { ending }]) => {
      const { status, reason } = byId.get(orderId) ?? { status: 'not there', reason: undefined };
      const end = reason === undefined ? status : `${status} ${reason}`;
      return endsOf[ending].includes(end) ? [] : [`${orderId}, to be ${ending}, is ${end}`];
    });
}

/** Each customer places one order: who was answered has that one, who gave up has it or none. */
function wrongNumbers(orders: readonly OrderSummary[], workloads: readonly Workload[]): string[] {
  const wanted = new Map(
    workloads.flatMap(({ accepted }) =>
      [...accepted.values()].map(({ request, orderId }) => [request.customerId, orderId] as const),
    ),
  );
  const undecided = new Set(
    workloads.flatMap(({ abandoned }) => abandoned.map(({ request }) => request.customerId)),
  );
  const byCustomer = new Map<string, string[]>();
  for (const { customerId, orderId } of orders) {
    byCustomer.set(customerId, [...(byCustomer.get(customerId) ?? []), orderId]);
  }
  return [...byCustomer].flatMap(([customerId, ids]) => {
    const isRight = undecided.has(customerId) ? ids.length === 1 : String(ids) === wanted.get(customerId);
    return isRight ? [] : [`${customerId} has ${String(ids)}, and was told ${wanted.get(customerId)}`];
  });
}

/** Customers who ask at once. */
const AT_ONCE = 20;

/** Who had to ask more than once asks once more: the answer is the same. */
async function changedAnswers(
  { stack: { addresses } }: Pick<System, 'stack'>,
  workloads: readonly Workload[],
): Promise<string[]> {
  const changed: string[] = [];
  const retried = workloads.flatMap(({ accepted }) =>
    [...accepted.values()].filter(({ attempts }) => attempts > 1),
  );
  const askAgain = async ({ orderId, request, idempotencyKey }: AcceptedOrder): Promise<void> => {
    const post = () =>
      send<{ orderId?: string }>(`${addresses.services['order']}/orders`, {
        method: 'POST',
        headers: { 'idempotency-key': `"${idempotencyKey}"` },
        body: request,
      });
    // A connection that was open for long may be closed at the very moment at which it is used.
    const { status, body } = await eventually(post, { what: 'a customer who asks again is answered' });
    if (status !== 202 || body.orderId !== orderId)
      changed.push(`${orderId} is now ${status} ${body.orderId}`);
  };
  for (let from = 0; from < retried.length; from += AT_ONCE) {
    await Promise.all(retried.slice(from, from + AT_ONCE).map(askAgain));
  }
  return changed;
}

const LATENCY = `
  SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY ms) AS p99
  FROM (SELECT round(extract(epoch FROM ended.at - created.at) * 1000)::int AS ms
        FROM order_events created JOIN order_events ended USING (order_id)
        WHERE created.name = 'OrderCreated' AND ended.name = 'OrderConfirmed') AS confirmed`;

async function tell(
  { databases, say }: Pick<System, 'databases' | 'say'>,
  orders: readonly OrderSummary[],
  workloads: readonly Workload[],
): Promise<void> {
  const ends = new Map<string, number>();
  for (const { status, reason } of orders) ends.set(reason ?? status, (ends.get(reason ?? status) ?? 0) + 1);
  const [latency] = await databases.query<{ p50: number; p99: number }>('order', LATENCY);
  const abandoned = workloads.flatMap((workload) => workload.abandoned);
  const placed = new Set(orders.map(({ customerId }) => customerId));
  const kept = abandoned.filter(({ request }) => placed.has(request.customerId)).length;
  say(`${orders.length} orders: ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}`);
  say(`of ${abandoned.length} that were given up after a failure ${kept} exist`);
  say(`POST → confirmed: p50 ${latency?.p50} ms, p99 ${latency?.p99} ms`);
}

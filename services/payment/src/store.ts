import type { Input, Queryable, Statement } from '@skald/messaging';
import { isOurs, nonsenseIn } from './inputs.ts';
import type { Payment, PaymentState } from './payment.ts';
import { createWorld, type World } from './world.ts';

// Every row belongs to one order, whose key the kernel holds locked: nothing more is locked here.

const columns = `order_id, state, payment_id, amount, currency, payment_method, charge_id, refund_id, code`;

// Lateral and limited, and upserts instead of updates: so the planner goes along the primary key even while it takes the
// table for tiny.

const selectPayments: Statement = {
  name: 'payment_select_payments',
  text: `SELECT found.* FROM unnest($1::uuid[]) AS wanted (order_id) CROSS JOIN LATERAL (
           SELECT ${columns} FROM payments WHERE order_id = wanted.order_id ORDER BY order_id LIMIT 1
         ) found`,
};

const upsertPayments: Statement = {
  name: 'payment_upsert_payments',
  text: `INSERT INTO payments (${columns})
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                              $8::text[], $9::text[])
         ON CONFLICT (order_id) DO UPDATE
         SET state = excluded.state, payment_id = excluded.payment_id, amount = excluded.amount,
             currency = excluded.currency, payment_method = excluded.payment_method, charge_id = excluded.charge_id,
             refund_id = excluded.refund_id, code = excluded.code, updated_at = excluded.updated_at`,
};

const selectPayment: Statement = {
  name: 'payment_select_payment',
  text: `SELECT ${columns}, updated_at FROM payments WHERE order_id = $1`,
};

interface PaymentRow {
  readonly order_id: string;
  readonly state: PaymentState;
  readonly payment_id: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly payment_method: string | null;
  readonly charge_id: string | null;
  readonly refund_id: string | null;
  readonly code: string | null;
}

/** The table's constraints see to it that a row holds what its state says it knows. */
const paymentOfRow = (row: PaymentRow): Payment =>
  ({
    orderId: row.order_id,
    state: row.state,
    ...(row.payment_id !== null && { paymentId: row.payment_id }),
    ...(row.amount !== null && {
      amount: { amount: row.amount, currency: row.currency },
      paymentMethod: row.payment_method,
    }),
    ...(row.charge_id !== null && { chargeId: row.charge_id }),
    ...(row.refund_id !== null && { refundId: row.refund_id }),
    ...(row.code !== null && { code: row.code }),
  }) as Payment;

export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const orderIds = new Set<string>();
  for (const input of inputs) {
    if (input.kind === 'outcome' || (isOurs(input) && nonsenseIn(input) === undefined))
      orderIds.add(input.key);
  }
  if (orderIds.size === 0) return createWorld();
  const rows = await db.query<PaymentRow>(selectPayments, [[...orderIds]]);
  return createWorld(rows.map(paymentOfRow));
}

export async function save(db: Queryable, { payments, unsaved }: World): Promise<void> {
  if (unsaved.size === 0) return;
  const changed = Array.from(unsaved, (orderId) => payments.get(orderId)).filter(
    (payment) => payment !== undefined,
  );
  await db.query(upsertPayments, [
    changed.map(({ orderId }) => orderId),
    changed.map(({ state }) => state),
    changed.map((payment) => ('paymentId' in payment ? payment.paymentId : null)),
    changed.map((payment) => ('amount' in payment ? payment.amount.amount : null)),
    changed.map((payment) => ('amount' in payment ? payment.amount.currency : null)),
    changed.map((payment) => ('amount' in payment ? payment.paymentMethod : null)),
    changed.map((payment) => ('chargeId' in payment ? payment.chargeId : null)),
    changed.map((payment) => ('refundId' in payment ? payment.refundId : null)),
    changed.map((payment) => ('code' in payment ? payment.code : null)),
  ]);
}

/** An order's payment and when it last changed, or undefined. */
export async function findPayment(
  db: Queryable,
  orderId: string,
): Promise<{ payment: Payment; updatedAt: Date } | undefined> {
  const [row] = await db.query<PaymentRow & { updated_at: Date }>(selectPayment, [orderId]);
  return row && { payment: paymentOfRow(row), updatedAt: row.updated_at };
}

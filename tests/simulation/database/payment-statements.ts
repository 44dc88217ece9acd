import { createTable, DatabaseError, type Execute, type Table } from './server.ts';

/** The rows of the payment service, by their statements' names: services/payment/src/store.ts. */

const columns = [
  'order_id',
  'state',
  'payment_id',
  'amount',
  'currency',
  'payment_method',
  'charge_id',
  'refund_id',
  'code',
] as const;

export interface PaymentRow
  extends Readonly<Record<Exclude<(typeof columns)[number], 'amount'>, string | null>> {
  readonly order_id: string;
  readonly state: string;
  readonly amount: number | null;
}

export interface PaymentTables {
  readonly payments: Table<PaymentRow>;
}

export const createPaymentTables = (): PaymentTables => ({ payments: createTable('payments') });

export const paymentStatements: Readonly<Record<string, Execute<PaymentTables>>> = {
  payment_select_payments: (tx, { payments }, [ids]: [string[]]) =>
    ids.flatMap((id) => tx.get(payments, id) ?? []),
  payment_upsert_payments: (tx, { payments }, values: unknown[][]) => {
    values[0]?.forEach((_id, index) => {
      const row = Object.fromEntries(
        columns.map((column, place) => [column, values[place]?.[index] ?? null]),
      ) as unknown as PaymentRow;
      check(row);
      tx.upsert(payments, row.order_id, row, () => row);
    });
    return [];
  },
};

function check(row: PaymentRow): void {
  const isCharged = ['completed', 'refunding', 'refunded'].includes(row.state);
  if (isCharged !== (row.charge_id !== null)) throw new DatabaseError('23514', 'charge_has_number');
  if ((row.state === 'refunded') !== (row.refund_id !== null))
    throw new DatabaseError('23514', 'refund_has_number');
  if ((row.state === 'failed') !== (row.code !== null)) throw new DatabaseError('23514', 'decline_has_code');
  if (!['reserved', 'cancelled'].includes(row.state) && row.amount === null)
    throw new DatabaseError('23514', 'terms_are_known');
  if (!['ordered', 'reserved', 'cancelled'].includes(row.state) && row.payment_id === null)
    throw new DatabaseError('23514', 'attempt_has_id');
}

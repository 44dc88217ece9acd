import { type Check, groupBy, sum, type Violation } from './violation.ts';

/** How a payment may stand once its order has ended. */
const settled: Readonly<Record<string, readonly string[]>> = {
  CONFIRMED: ['completed'],
  CANCELLED: ['failed', 'refunded', 'cancelled'],
};

/** 5. Charges − refunds = the total if confirmed, nothing if cancelled; one successful charge at most. */
export const moneyAddsUp: Check = ({ orders, charges, stored }, story) => {
  const violations: Violation[] = [];
  const byOrder = groupBy(charges, ({ orderId }) => orderId);
  const payments = new Map(stored.payments.map(({ order_id, state }) => [order_id, state]));
  for (const [subject, { status, totalAmount, currency }] of orders) {
    const charged = byOrder.get(subject) ?? [];
    const blame = (says: string) => violations.push({ invariant: 5, subject, says, evidence: charged });
    if (charged.length > 1) blame(`was charged ${charged.length} times`);
    const kept = sum(charged, (charge) => charge.amount - charge.refundedAmount);
    const due = status === 'CONFIRMED' ? totalAmount : 0;
    if (status !== 'PENDING' && kept !== due) blame(`is ${status}: ${due} is due, ${kept} was taken`);
    if (charged.some((charge) => charge.currency !== currency)) blame(`was not charged in ${currency}`);
    const told = story.of(subject, 'PaymentCompleted').map(({ data }) => data.chargeId);
    if (String(told) !== String(charged.map(({ chargeId }) => chargeId))) {
      blame(`its events tell of the charges [${told.join()}]`);
    }
    const refunded = sum(story.of(subject, 'PaymentRefunded'), ({ data }) => data.amount.amount);
    if (refunded !== sum(charged, (charge) => charge.refundedAmount)) {
      blame(`its events tell of ${refunded} given back`);
    }
    const state = payments.get(subject) ?? 'none';
    if (settled[status]?.includes(state) === false && !(state === 'ordered' && isUnreserved(subject))) {
      blame(`is ${status}, its payment ${state}`);
    }
  }
  for (const [subject, evidence] of byOrder) {
    if (!orders.has(subject))
      violations.push({ invariant: 5, subject, says: 'was charged, and is no order', evidence });
  }
  return violations;

  /** Waits for a reservation that was refused. */
  function isUnreserved(orderId: string): boolean {
    return story.of(orderId, 'StockReserved').length === 0;
  }
};

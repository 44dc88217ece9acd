import { type Check, createFinding, sum } from './violation.ts';

/** How a payment may stand once its order has ended. */
const settledStates: Readonly<Record<string, readonly string[]>> = {
  CONFIRMED: ['completed'],
  CANCELLED: ['failed', 'refunded', 'cancelled'],
};

/**
 * 5. Charges − refunds = the total if confirmed, nothing if cancelled; one successful charge at most. That one is in the
 * ledger alone, and holds at all times; the sums once nothing moves.
 */
export const moneyAddsUp: Check = (it) => {
  const finding = createFinding(5);
  const { ledger, business, second } = it.evidence;
  const successful = (id: string) => (ledger.get(id) ?? []).filter(({ status }) => status === 'succeeded');
  for (const id of ledger.keys()) {
    finding.look();
    const charged = successful(id);
    if (charged.length > 1) finding.blame(id, `was charged ${charged.length} times`, 'duplicated', charged);
    if (charged.some(({ amount, refundedAmount }) => refundedAmount > amount))
      finding.blame(id, 'got back more than it paid', 'wrong', charged);
    if (!business.orders.has(id) && !second.orders.has(id))
      finding.blame(id, 'was charged, and is no order', 'wrong', charged);
  }
  for (const [id, { status, total, currency }] of it.settled) {
    if (status === 'PENDING') continue;
    const charged = successful(id);
    if (charged.length === 0) finding.look();
    const blame = (says: string) => finding.blame(id, says, 'wrong', charged);
    const kept = sum(charged, (charge) => charge.amount - charge.refundedAmount);
    const due = status === 'CONFIRMED' ? total : 0;
    if (kept !== due) blame(`is ${status}: ${due} is due, ${kept} was taken`);
    if (charged.some((charge) => charge.currency !== currency)) blame(`was not charged in ${currency}`);
    const told = it.told(id, 'PaymentCompleted').map(({ fact }) => fact);
    if (told.join() !== charged.map(({ chargeId }) => chargeId).join())
      blame(`its events tell of the charges [${told.join()}]`);
    const refunded = sum(it.told(id, 'PaymentRefunded'), ({ fact }) => Number(fact));
    if (refunded !== sum(charged, (charge) => charge.refundedAmount))
      blame(`its events tell of ${refunded} given back`);
    const state = business.payments.get(id) ?? 'none';
    // One that waits for a reservation that was refused stays as it is.
    const isUnreserved = state === 'ordered' && it.told(id, 'StockReserved').length === 0;
    if (settledStates[status]?.includes(state) === false && !isUnreserved)
      blame(`is ${status}, its payment ${state}`);
  }
  return finding.done();
};

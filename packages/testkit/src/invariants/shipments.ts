import type { Check, Violation } from './violation.ts';

/** How a shipment may stand once its order was cancelled. */
const calledOff = ['refused', 'called-off', 'cancelled'];

/** 6. A dispatch only for a reserved, paid and confirmed order; one at most; none for a cancelled one. */
export const dispatchedIfConfirmed: Check = ({ orders, stored }, story) => {
  const violations: Violation[] = [];
  const shipments = new Map(stored.shipments.map(({ order_id, state }) => [order_id, state]));
  for (const [subject, { status }] of orders) {
    const blame = (says: string, evidence?: unknown) =>
      violations.push({ invariant: 6, subject, says, evidence });
    const dispatched = story.of(subject, 'ShipmentDispatched');
    const wanted = status === 'CONFIRMED' ? 1 : 0;
    if (dispatched.length !== wanted) blame(`is ${status}, and was dispatched ${dispatched.length} times`);
    for (const name of [
      'StockReserved',
      'PaymentCompleted',
      'ShipmentScheduled',
      'OrderConfirmed',
    ] as const) {
      if (dispatched.length > 0 && story.of(subject, name).length !== 1) {
        blame(`was dispatched with ${story.of(subject, name).length} ${name}`);
      }
    }
    const state = shipments.get(subject) ?? 'none';
    if (status === 'CONFIRMED' && state !== 'dispatched') blame(`is confirmed, its shipment ${state}`);
    if (status === 'CANCELLED' && !calledOff.includes(state)) {
      blame(`is cancelled, its shipment ${state}`);
    }
    const scheduled = story.of(subject, 'ShipmentScheduled').length;
    const undone = story.of(subject, 'ShipmentCancelled').length;
    // A booking that was on its way when the order was cancelled is never told of: only that it was called off.
    const isUndone = undone === (state === 'called-off' ? 1 : 0) && scheduled <= undone;
    if (status === 'CANCELLED' && !isUndone) {
      blame(`was booked ${scheduled} times and called off ${undone} times`);
    }
  }
  return violations;
};

import { type Check, createFinding } from './violation.ts';

/** How a shipment may stand once its order was cancelled. */
const calledOff = ['refused', 'called-off', 'cancelled'];

/** 6. A dispatch only for a reserved, paid and confirmed order; one at most; none for a cancelled one. Once nothing moves. */
export const dispatchedIfConfirmed: Check = (it) => {
  const finding = createFinding(6);
  for (const [id, { status }] of it.settled) {
    if (status === 'PENDING') continue;
    finding.look();
    const blame = (says: string, kind?: 'lost' | 'duplicated') => finding.blame(id, says, kind);
    const dispatched = it.told(id, 'ShipmentDispatched');
    const wanted = status === 'CONFIRMED' ? 1 : 0;
    if (dispatched.length !== wanted) {
      const kind = dispatched.length < wanted ? 'lost' : 'duplicated';
      blame(`is ${status}, and was dispatched ${dispatched.length} times`, kind);
    }
    for (const name of [
      'StockReserved',
      'PaymentCompleted',
      'ShipmentScheduled',
      'OrderConfirmed',
    ] as const) {
      const count = it.told(id, name).length;
      if (dispatched.length > 0 && count !== 1) blame(`was dispatched with ${count} ${name}`);
    }
    const state = it.evidence.business.shipments.get(id) ?? 'none';
    if (status === 'CONFIRMED' && state !== 'dispatched') blame(`is confirmed, its shipment ${state}`);
    if (status === 'CANCELLED' && !calledOff.includes(state)) blame(`is cancelled, its shipment ${state}`);
    const scheduled = it.told(id, 'ShipmentScheduled').length;
    const undone = it.told(id, 'ShipmentCancelled').length;
    // A booking that was on its way when the order was cancelled is never told of: only that it was called off.
    const isUndone = undone === (state === 'called-off' ? 1 : 0) && scheduled <= undone;
    if (status === 'CANCELLED' && !isUndone)
      blame(`was booked ${scheduled} times and called off ${undone} times`);
  }
  return finding.done();
};

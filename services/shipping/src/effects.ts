import type { EffectRunner } from '@skald/messaging';
import type { Address, BookingAnswer, Carrier } from './carrier.ts';
import type { BookingOrder, CallOffOrder } from './shipment.ts';

export type AddressOf = (orderId: string) => Promise<Address | undefined>;

/** What shipping asks of the carrier. Asking twice under one key is asking once, so both may be repeated. */
export function createEffects(carrier: Carrier, addressOf: AddressOf) {
  const booking: EffectRunner<BookingOrder, BookingAnswer> = {
    repeatable: true,
    async run({ id, data: { orderId, requestedAt } }, signal) {
      const address = await addressOf(orderId);
      // Erased while the booking waited, at the recipient's wish.
      if (address === undefined) return { status: 'refused', code: 'ADDRESS_ERASED' };
      return carrier.book({ key: id, address, requestedAt }, signal);
    },
  };
  const callOff: EffectRunner<CallOffOrder, null> = {
    repeatable: true,
    async run({ data: { trackingNumber } }, signal) {
      await carrier.callOff(trackingNumber, signal);
      return null;
    },
  };
  return { booking, 'call-off': callOff };
}

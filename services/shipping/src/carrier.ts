/** Where a parcel goes. Personal data: never in an effect, an event of a kept topic, or a log. */
export interface Address {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2: DE. */
  readonly country: string;
}

export interface BookingRequest {
  /** Idempotency key: the same key always gets the same answer, and one parcel. */
  readonly key: string;
  readonly address: Address;
  /** Epoch ms; the promised date counts from here. */
  readonly requestedAt: number;
}

export interface Booking {
  readonly carrier: string;
  readonly trackingNumber: string;
  /** Day of delivery, ISO 8601: 2026-01-31. */
  readonly promisedDate: string;
  readonly serviceLevel: string;
}

/** What a carrier answers. A refusal is an answer; an outage is thrown, with `retryable: true`. */
export type BookingAnswer =
  | ({ readonly status: 'booked' } & Booking)
  | { readonly status: 'refused'; readonly code: string };

/** The port to whoever delivers. */
export interface Carrier {
  book(request: BookingRequest, signal: AbortSignal): Promise<BookingAnswer>;
  /** Calling off twice is calling off once. */
  callOff(trackingNumber: string, signal: AbortSignal): Promise<void>;
}

const UNSERVICEABLE_POSTAL_CODE = '00000';
const DOMESTIC = 'DE';
const DOMESTIC_DAYS = 2;
const ABROAD_DAYS = 5;
const SUNDAY = 0;

/** The in-house carrier. It keeps no books: its answer follows from the request alone, so it is the same each time. */
export const skaldExpress: Carrier = {
  async book({ key, address, requestedAt }) {
    if (address.postalCode.trim() === UNSERVICEABLE_POSTAL_CODE) {
      return { status: 'refused', code: 'ADDRESS_UNSERVICEABLE' };
    }
    return {
      status: 'booked',
      carrier: 'Skald Express',
      trackingNumber: trackingNumber(key),
      promisedDate: addDeliveryDays(requestedAt, address.country === DOMESTIC ? DOMESTIC_DAYS : ABROAD_DAYS),
      serviceLevel: 'standard',
    };
  },
  async callOff() {},
};

/** The random end of a UUIDv7: its beginning is the time, which parcels of one moment share. */
const trackingNumber = (key: string): string => `SX${key.replaceAll('-', '').slice(-16).toUpperCase()}`;

/** Days on which parcels are delivered: all but Sundays, in UTC. */
function addDeliveryDays(from: number, days: number): string {
  const day = new Date(from);
  for (let left = days; left > 0; ) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (day.getUTCDay() !== SUNDAY) left -= 1;
  }
  return day.toISOString().slice(0, 10);
}

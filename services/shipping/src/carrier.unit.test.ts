import { describe, expect, it } from 'vitest';
import { address, now, uuid } from '../tests/given.ts';
import { createAddressBook } from './address-book.ts';
import { type Address, skaldExpress } from './carrier.ts';
import { createEffects } from './effects.ts';

const signal = new AbortController().signal;
const book = (part: Partial<Address> = {}, requestedAt = now, key = uuid(1)) =>
  skaldExpress.book({ key, address: { ...address, ...part }, requestedAt }, signal);

describe('Skald Express', () => {
  it('gives the same key the same answer, and another key another parcel', async () => {
    expect(await book()).toEqual(await book());
    expect(await book()).not.toEqual(await book({}, now, uuid(2)));
  });

  it('promises a day some days on, and delivers on no Sunday', async () => {
    const friday = Date.UTC(2026, 0, 30, 12);
    expect(await book({}, friday)).toMatchObject({ status: 'booked', promisedDate: '2026-02-02' });
    expect(await book({ country: 'FR' }, friday)).toMatchObject({ promisedDate: '2026-02-05' });
  });

  it('does not serve the postal code 00000', async () => {
    expect(await book({ postalCode: '00000' })).toEqual({ status: 'refused', code: 'ADDRESS_UNSERVICEABLE' });
  });
});

describe('a booking', () => {
  const { booking } = createEffects(
    skaldExpress,
    createAddressBook(async (ids) => known(ids)),
  );
  const known = (ids: readonly string[]) =>
    new Map(ids.filter((id) => id !== uuid(9)).map((id) => [id, address] as const));
  const run = (orderId: string) =>
    booking.run({ id: orderId, key: orderId, data: { orderId, requestedAt: now }, attempt: 1 }, signal);

  it('looks the address up when it is made', async () => {
    expect(await run(uuid(1))).toMatchObject({ status: 'booked' });
  });

  it('is refused when the address was erased in the meantime', async () => {
    expect(await run(uuid(9))).toEqual({ status: 'refused', code: 'ADDRESS_ERASED' });
  });
});

describe('the address book', () => {
  it('asks once for all that is asked at the same moment', async () => {
    const queries: (readonly string[])[] = [];
    const addressOf = createAddressBook(async (ids) => {
      queries.push(ids);
      return new Map(ids.map((id) => [id, { ...address, name: id }]));
    });
    const found = await Promise.all([addressOf('a'), addressOf('b'), addressOf('a')]);
    expect(found.map((one) => one?.name)).toEqual(['a', 'b', 'a']);
    expect(queries).toEqual([['a', 'b']]);
    expect((await addressOf('c'))?.name).toBe('c');
  });

  it('tells each who asked of an outage', async () => {
    const addressOf = createAddressBook(() => Promise.reject(new Error('away')));
    const asked = await Promise.allSettled([addressOf('a'), addressOf('b')]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

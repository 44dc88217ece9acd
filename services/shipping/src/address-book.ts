import type { Address } from './carrier.ts';
import type { AddressOf } from './effects.ts';

interface Waiting {
  readonly orderId: string;
  readonly resolve: (address: Address | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

/** Looks addresses up one by one, in one query for all that are asked for at the same moment. */
export function createAddressBook(
  find: (orderIds: readonly string[]) => Promise<Map<string, Address>>,
): AddressOf {
  let waiting: Waiting[] = [];

  async function look(): Promise<void> {
    const all = waiting;
    waiting = [];
    try {
      const addresses = await find([...new Set(all.map(({ orderId }) => orderId))]);
      for (const { orderId, resolve } of all) resolve(addresses.get(orderId));
    } catch (cause) {
      for (const { reject } of all) reject(cause);
    }
  }

  return (orderId) =>
    new Promise((resolve, reject) => {
      waiting.push({ orderId, resolve, reject });
      if (waiting.length === 1) setImmediate(() => void look());
    });
}

/**
 * Which orders there are, without holding them: how many of each quarter of an hour, and a checksum of their ids. Two roll
 * calls that differ say where, so that only there the names have to be called.
 */
export interface RollCall {
  add(orderId: string): void;
  readonly size: number;
  /** Buckets that don't hold the same orders. */
  differingFrom(other: RollCall): ReadonlySet<string>;
  sumOf(bucket: string): string;
  buckets(): Iterable<string>;
}

/** Order ids are UUIDv7: their first 28 bits change every 2^20 ms. */
const BUCKET_LENGTH = 7;
export const bucketOf = (orderId: string): string => orderId.slice(0, BUCKET_LENGTH);

export function createRollCall(): RollCall {
  const sums = new Map<string, { count: number; high: number; low: number }>();
  let size = 0;
  const rollCall: RollCall = {
    get size() {
      return size;
    },
    add(orderId) {
      size += 1;
      const bucket = bucketOf(orderId);
      const random = orderId.replaceAll('-', '').slice(-16);
      const sum = sums.get(bucket) ?? { count: 0, high: 0, low: 0 };
      sums.set(bucket, {
        count: sum.count + 1,
        high: sum.high ^ Number.parseInt(random.slice(0, 8), 16),
        low: sum.low ^ Number.parseInt(random.slice(8), 16),
      });
    },
    buckets: () => sums.keys(),
    sumOf: (bucket) => JSON.stringify(sums.get(bucket) ?? null),
    differingFrom(other) {
      const all = new Set([...sums.keys(), ...other.buckets()]);
      return new Set([...all].filter((bucket) => rollCall.sumOf(bucket) !== other.sumOf(bucket)));
    },
  };
  return rollCall;
}

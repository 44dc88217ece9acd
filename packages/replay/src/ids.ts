import { createHash } from 'node:crypto';

export interface Ids {
  /** A UUIDv7 that is the same whenever the same is asked for as often: two replays can be compared. */
  next(what: string, at: number): string;
}

export function createIds(orderId: string): Ids {
  const counts = new Map<string, number>();
  return {
    next(what, at) {
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      const hash = createHash('sha256').update(`${orderId} ${what} ${count}`).digest('hex');
      const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0').slice(-12);
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
    },
  };
}

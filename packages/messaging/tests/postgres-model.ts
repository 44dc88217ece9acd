import type { OutboxLook, OutboxRow } from '../src/outbox.ts';

export interface Transaction {
  readonly key: string;
  readonly xid: bigint;
  position: number | undefined;
}

/**
 * As much of Postgres as the outbox rests on: xids are drawn in order and end in any, a position is drawn under the
 * key's lock, and a snapshot knows of no transaction that began after the last that has ended.
 */
export interface PostgresModel {
  /** Undefined where the key is locked. */
  begin(key: string): Transaction | undefined;
  draw(transaction: Transaction): void;
  end(transaction: Transaction, how: 'commit' | 'rollback'): OutboxRow | undefined;
  drawXid(): bigint;
  look(high: number, gaps: readonly number[], limit: number): OutboxLook;
  keyOf(position: number): string | undefined;
  readonly open: readonly Transaction[];
  readonly committed: readonly number[];
}

export function createPostgresModel(): PostgresModel {
  let nextXid = 100n;
  let latestEnded = 99n;
  let nextPosition = 1;
  const open: Transaction[] = [];
  const rows = new Map<number, OutboxRow & { key: string }>();

  const ended = (xid: bigint) => {
    if (xid > latestEnded) latestEnded = xid;
  };
  const drawn = () => {
    nextXid += 1n;
    return nextXid - 1n;
  };

  return {
    open,
    get committed() {
      return [...rows.keys()];
    },
    keyOf: (position) => rows.get(position)?.key,
    begin(key) {
      if (open.some((transaction) => transaction.key === key)) return undefined;
      const transaction = { key, xid: drawn(), position: undefined };
      open.push(transaction);
      return transaction;
    },
    draw(transaction) {
      if (transaction.position !== undefined) return;
      transaction.position = nextPosition;
      nextPosition += 1;
    },
    end(transaction, how) {
      open.splice(open.indexOf(transaction), 1);
      ended(transaction.xid);
      const { position, key } = transaction;
      if (how === 'rollback' || position === undefined) return undefined;
      const row = { position, key, entry: Buffer.alloc(1) };
      rows.set(position, row);
      return row;
    },
    drawXid() {
      const xid = drawn();
      ended(xid);
      return xid;
    },
    look(high, gaps, limit) {
      const xmax = latestEnded + 1n;
      // They are kept in the order of their xids.
      const xmin = open.find(({ xid }) => xid < xmax)?.xid ?? xmax;
      const all = [...rows.values()].sort((one, other) => one.position - other.position);
      const fresh = all.filter(({ position }) => position > high).slice(0, limit);
      const filled = all.filter(({ position }) => gaps.includes(position));
      return { xmin, rows: [...filled, ...fresh].sort((one, other) => one.position - other.position) };
    },
  };
}

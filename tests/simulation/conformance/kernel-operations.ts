import {
  adoptEffects,
  completeEffects,
  HORIZON,
  insertEffects,
  insertEntry,
  LOOK,
  type LockedInbox,
  lockInbox,
  park,
  type Queryable,
  resetEffect,
  startEffects,
} from '@skald/messaging/simulation';
import fc from 'fast-check';

/** What one of two connections does. */
export interface Operation {
  readonly on: 0 | 1;
  readonly what: What;
  /** Which keys, effects or positions. */
  readonly which: readonly number[];
}

type What =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'lock'
  | 'save'
  | 'entry'
  | 'look'
  | 'horizon'
  | 'insertEffects'
  | 'completeEffects'
  | 'startEffects'
  | 'resetEffect'
  | 'adoptEffects'
  | 'park';

/** Of one connection, between its operations. */
export interface Memory {
  inbox: LockedInbox | undefined;
}

/** Of one database: xids differ between two of them, what they say of each other doesn't. */
export interface Horizons {
  readonly xids: bigint[];
}

type Perform = (
  db: Queryable,
  which: readonly number[],
  memory: Memory,
  horizons: Horizons,
) => Promise<unknown>;

const OWNERS = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];
const ownerOf = (which: readonly number[]): string => OWNERS[(which[0] ?? 0) % 2] ?? '';
const keysOf = (which: readonly number[]) => [...new Set(which)].map((number) => `key-${number}`);
const idsOf = (which: readonly number[]) => [...new Set(which)].map(String);

const recordOf = (number: number) => ({
  topic: 'orders.events',
  partition: 0,
  offset: number,
  timestamp: 0,
  key: Buffer.from('key'),
  value: Buffer.from([number]),
  headers: {},
});

/** What the kernel asks of its database, by the functions that it asks with. */
export const perform: Readonly<Record<What, Perform>> = {
  begin: (db) => db.query('BEGIN'),
  commit: (db) => db.query('COMMIT'),
  rollback: (db) => db.query('ROLLBACK'),
  async lock(db, which, memory) {
    memory.inbox = undefined;
    const inbox = await lockInbox(db, keysOf(which));
    memory.inbox = inbox;
    return keysOf(which).map((key) => [key, inbox.get(key)?.applied(1), inbox.get(key)?.isParked(3)]);
  },
  async save(db, which, { inbox }) {
    const saved: Promise<unknown>[] = [];
    for (const [, entry] of inbox ?? []) {
      entry.setApplied(1, entry.applied(1) + 1);
      if (which.includes(1)) entry.park(3);
    }
    inbox?.save({
      query: (statement, values) => {
        const query = db.query(statement, values);
        saved.push(query);
        return query as never;
      },
    });
    return (await Promise.all(saved)).length;
  },
  entry: (db, which) => insertEntry(db, Buffer.from(which)),
  async look(db, which, _memory, { xids }) {
    interface Row {
      xmin: string;
      position: number | null;
      entry: Buffer | null;
    }
    const rows = await db.query<Row>(LOOK, [which[0] ?? 0, which, 3]);
    return rows.map(({ xmin, position, entry }) => [
      xids.map((xid) => BigInt(xmin) > xid),
      position,
      entry?.toString('hex'),
    ]);
  },
  async horizon(db, _which, _memory, { xids }) {
    const [row] = await db.query<{ xid: string }>(HORIZON);
    const xid = BigInt(row?.xid ?? 0);
    const known = xids.map((other) => xid >= other);
    xids.push(xid);
    return known;
  },
  insertEffects: (db, which) =>
    insertEffects(
      db,
      idsOf(which).map((id) => ({
        kind: 'charge',
        id,
        key: 'key',
        data: { of: id, none: null },
        state: 'waiting',
        correlationId: 'one',
        causationId: 'two',
        traceparent: null,
      })),
      which.length % 2 === 0 ? ownerOf(which) : null,
    ),
  completeEffects: async (db, which) =>
    sorted(
      await completeEffects(
        db,
        idsOf(which).map((id) => ({ kind: 'charge', id })),
      ),
    ),
  startEffects: async (db, which) => sorted(await startEffects(db, 'charge', idsOf(which), ownerOf(which))),
  resetEffect: (db, which) => resetEffect(db, { kind: 'charge', id: String(which[0] ?? 0) }, ownerOf(which)),
  adoptEffects: async (db, which) => sorted(await adoptEffects(db, ownerOf(which), 10)),
  park: async (db, which) =>
    (
      await park(
        db,
        which.map((number) => ({ key: 'key', record: recordOf(number) })),
      )
    ).map(({ record }) => record.offset),
};

/** An UPDATE or DELETE answers in whatever order it meets its rows. */
const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

export const operationLists: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    on: fc.constantFrom(0 as const, 1 as const),
    what: fc.constantFrom(
      ...(Object.keys(perform) as What[]),
      // What others wait for matters most.
      ...(['begin', 'begin', 'lock', 'lock', 'lock', 'save', 'commit', 'entry', 'look'] as const),
    ),
    which: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 24, size: 'max' },
);

import {
  acquireLease,
  adoptEffects,
  BEAT,
  completeEffects,
  createProgress,
  edit,
  expireResolved,
  FORGET,
  fail,
  findOpen,
  findResolved,
  forgottenEffects,
  HORIZON,
  insertEffects,
  insertEntry,
  LOOK,
  lockInbox,
  PoisonError,
  park,
  readQueue,
  resetEffect,
  resolve,
  startEffects,
} from '@skald/messaging/simulation';
import fc from 'fast-check';
import { type Operation, type Perform, transactions } from './answers.ts';

const OWNERS = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];
const ownerOf = (which: readonly number[]): string => OWNERS[(which[0] ?? 0) % 2] ?? '';
const keysOf = (which: readonly number[]) => [...new Set(which)].map((number) => `key-${number}`);
const idsOf = (which: readonly number[]) => [...new Set(which)].map(String);

/** The clocks differ: of an age it is compared whether there is one. */
const beat: Perform = async (db, which) => {
  const rows = await db.query<{ depth: number; oldest: number | null }>(BEAT, [ownerOf(which)]);
  return rows.map(({ depth, oldest }) => [depth, oldest !== null]);
};

/** One has a sequence, the next has none. */
const recordOf = (number: number) => ({
  topic: 'orders.events',
  partition: 0,
  offset: number,
  timestamp: 0,
  key: Buffer.from('key'),
  value: Buffer.from([number]),
  headers: number % 2 === 0 ? {} : { ce_sequence: Buffer.from(String(9 - number)) },
});

/** What the kernel asks of its database, by the functions that it asks with. */
export const kernel: Readonly<Record<string, Perform>> = {
  ...transactions,
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
};

/** Effects, from their decision to their outcome. */
export const effects: Readonly<Record<string, Perform>> = {
  ...transactions,
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
  forgottenEffects: async (db, which) => sorted(await forgottenEffects(db, ownerOf(which), 10)),
  beat,
};

const at = (which: readonly number[]) => ({ topic: 'orders.events', partition: (which[0] ?? 0) % 2 });
const poison = new PoisonError('HANDLER_FAILED', 'it cannot be', { cause: new Error('no') });
const idsIn = (which: readonly number[]) => which.map((number) => number + 1);

/** What is parked, and what becomes of it. */
export const parking: Readonly<Record<string, Perform>> = {
  ...transactions,
  park: async (db, which) =>
    (
      await park(
        db,
        which.map((number) => ({
          key: 'key',
          record: recordOf(number),
          error: number === 0 ? poison : undefined,
        })),
      )
    ).map(({ record }) => record.offset),
  queue: async (db, which) =>
    (await readQueue(db, { topic: 'orders.events', key: 'key', id: 1 }, 1 + (which[0] ?? 0))).map(
      ({ id, record, hasFailed, attempts, redrives, edited, firstFailedAt }) => [
        id,
        record.offset,
        record.value?.toString('hex'),
        Object.keys(record.headers),
        [hasFailed, attempts, redrives, edited, firstFailedAt !== null],
      ],
    ),
  findOpen: async (db, which) => (await findOpen(db, (which[0] ?? 0) + 1))?.record.offset,
  findResolved: async (db, which) => sorted(await findResolved(db, which.map(recordOf))),
  resolve: (db, which) => resolve(db, idsIn(which), which.length % 2 === 0 ? 'redriven' : 'discarded'),
  fail: (db, which) => fail(db, (which[0] ?? 0) + 1, poison),
  edit: (db, which) => edit(db, (which[0] ?? 0) + 1, Buffer.from('edited')),
  expire: (db) => expireResolved(db, 3_600_000),
};

/** How far whoever reads a partition has come, and whether they live. */
export const starts: Readonly<Record<string, Perform>> = {
  ...transactions,
  progressBegin: (db, which) => createProgress(db, ownerOf(which.slice(1))).begin(at(which), which.length),
  takeAlone: (db, which) =>
    createProgress(db, ownerOf(which.slice(1))).takeAlone(at(which), {
      from: which.length,
      to: which.length + (which[2] ?? 0),
    }),
  letGo: (db, which) => createProgress(db, ownerOf(which.slice(1))).letGo(at(which)),
  made: (db, which) => createProgress(db, ownerOf(which.slice(1))).made(at(which)),
  release: (db, which) => createProgress(db, ownerOf(which)).release(),
  beat,
  forget: (db, which) => db.query(FORGET, [ownerOf(which)]),
  entry: (db, which) => insertEntry(db, Buffer.from(which)),
};

/** Who relays, and how far it has come. */
export const leases: Readonly<Record<string, Perform>> = {
  async acquire(_db, _which, memory, { connect }) {
    const lease = await acquireLease({ connect } as never);
    memory.lease = lease ?? memory.lease;
    return lease && [lease.low, lease.epoch];
  },
  async mark(_db, which, { lease }) {
    await lease?.mark(which[0] ?? 0);
    return lease?.held;
  },
  async handOver(_db, _which, memory) {
    await memory.lease?.release();
    memory.lease = undefined;
  },
};

/** An UPDATE or DELETE answers in whatever order it meets its rows. */
const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Lists of operations. What others wait for matters most: those named are drawn more often. */
export const listsOf = (
  perform: Readonly<Record<string, Perform>>,
  often: readonly string[],
  highest = 3,
): fc.Arbitrary<Operation[]> =>
  fc.array(
    fc.record({
      on: fc.constantFrom(0 as const, 1 as const),
      what: fc.constantFrom(...Object.keys(perform), ...often),
      which: fc.array(fc.nat(highest), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 2, maxLength: 24, size: 'max' },
  );

import type { Execute, Table, Transaction } from './server.ts';

/** The rows of messaging.parked and messaging.operator_log, by their statements' names: packages/messaging/src. */

export interface ParkedRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly sequence: number | null;
  readonly record_key: Buffer | null;
  readonly record_value: Buffer | null;
  readonly record_headers: Readonly<Record<string, string>>;
  readonly record_time: Date;
  readonly parked_at: Date;
  readonly error_code: string | null;
  readonly error_text: string | null;
  readonly error_stack: string | null;
  readonly state: 'parked' | 'redriven' | 'discarded';
  readonly attempts: number;
  readonly redrives: number;
  readonly edited: boolean;
  readonly first_failed_at: Date | null;
  readonly resolvedAt: number | null;
}

interface ParkingTables {
  readonly parked: Table<ParkedRow>;
  readonly sequences: { parked: number };
}

const place = (topic: string, partition: number, offset: number) => `${topic}/${partition}@${offset}`;

const byId = (tx: Transaction, { parked }: ParkingTables, ids: readonly number[]): ParkedRow[] =>
  tx.all(parked).filter(({ id }) => ids.includes(id));

const change = (
  tx: Transaction,
  { parked }: ParkingTables,
  row: ParkedRow,
  to: (row: ParkedRow) => ParkedRow,
) => {
  const key = place(row.topic, row.partition, row.offset);
  const now = tx.lock(parked, key);
  if (now !== undefined) tx.write(parked, key, to(now));
};

const inOpenOrder = (rows: readonly ParkedRow[]): ParkedRow[] => {
  // What has no sequence stays behind those that came before it.
  let highest: number | null = null;
  return [...rows]
    .sort((one, other) => one.id - other.id)
    .map((row) => {
      if (row.sequence !== null) highest = Math.max(highest ?? row.sequence, row.sequence);
      return { row, rank: row.sequence ?? highest ?? 0 };
    })
    .sort((one, other) => one.rank - other.rank || one.row.id - other.row.id)
    .map(({ row }) => row);
};

const openOf = (
  tx: Transaction,
  { parked }: ParkingTables,
  topic: string,
  key: string,
  id: number,
): ParkedRow[] =>
  inOpenOrder(
    tx
      .all(parked)
      .filter(
        (row) =>
          row.state === 'parked' && row.topic === topic && row.key === key && (key !== '' || row.id === id),
      ),
  );

const asRecord = (row: ParkedRow) => ({ ...row, hasFailed: row.error_code !== null });
const asView = (row: ParkedRow) => ({ ...row, type: row.record_headers['ce_type'] ?? null });

export const parkingStatements: Readonly<Record<string, Execute<ParkingTables>>> = {
  'parking-insert': (tx, { parked, sequences }, values) => {
    const [
      topic,
      key,
      partition,
      offset,
      sequence,
      recordKey,
      recordValue,
      headers,
      time,
      code,
      said,
      stack,
    ] = values;
    const id = tx.draw(() => {
      sequences.parked += 1;
      return sequences.parked;
    });
    const at = new Date(tx.startedAt);
    const row: ParkedRow = {
      id,
      topic,
      key,
      partition,
      offset,
      sequence,
      record_key: recordKey,
      record_value: recordValue,
      record_headers: JSON.parse(headers),
      record_time: time,
      parked_at: at,
      error_code: code,
      error_text: said,
      error_stack: stack,
      state: 'parked',
      attempts: code === null ? 0 : 1,
      redrives: 0,
      edited: false,
      first_failed_at: code === null ? null : at,
      resolvedAt: null,
    };
    return tx.insert(parked, place(topic, partition, offset), row) === undefined ? [{ id: row.id }] : [];
  },
  'parking-find-resolved': (tx, { parked }, [topics, partitions, offsets]) =>
    topics.flatMap((topic: string, index: number) => {
      const row = tx.get(parked, place(topic, partitions[index], offsets[index]));
      return row === undefined || row.state === 'parked'
        ? []
        : [{ topic, partition: row.partition, offset: row.offset }];
    }),
  'parking-queue': (tx, tables, [topic, key, id, limit]: [string, string, number, number]) =>
    openOf(tx, tables, topic, key, id).slice(0, limit).map(asRecord),
  'parking-find-open': (tx, tables, [id]: [number]) =>
    byId(tx, tables, [id])
      .filter(({ state }) => state === 'parked')
      .map(asRecord),
  'parking-resolve': (tx, tables, [ids, state]: [number[], ParkedRow['state']]) => {
    for (const row of byId(tx, tables, ids)) {
      change(tx, tables, row, (now) => ({
        ...now,
        state,
        resolvedAt: tx.startedAt,
        record_value: null,
        record_headers: {},
        error_stack: null,
      }));
    }
    return [];
  },
  'parking-fail': (tx, tables, [id, code, said, stack]) => {
    for (const row of byId(tx, tables, [id])) {
      change(tx, tables, row, (now) => ({
        ...now,
        error_code: code,
        error_text: said,
        error_stack: stack,
        attempts: now.attempts + 1,
        redrives: now.redrives + (now.first_failed_at === null ? 0 : 1),
        first_failed_at: now.first_failed_at ?? new Date(tx.startedAt),
      }));
    }
    return [];
  },
  'parking-edit': (tx, tables, [id, value]: [number, Buffer]) => {
    for (const row of byId(tx, tables, [id]))
      change(tx, tables, row, (now) => ({ ...now, record_value: value, edited: true, redrives: 0 }));
    return [];
  },
  'parking-expire': (tx, { parked }, [ms]: [number]) => {
    for (const row of tx.all(parked)) {
      if (row.resolvedAt === null || row.resolvedAt >= tx.startedAt - ms) continue;
      const key = place(row.topic, row.partition, row.offset);
      if (tx.lock(parked, key) !== undefined) tx.write(parked, key, undefined);
    }
    return [];
  },
  'parked-one': (tx, { parked }, [topic, partition, offset]: [string, number, number]) => {
    const row = tx.get(parked, place(topic, partition, offset));
    return row === undefined ? [] : [asView(row)];
  },
  'parked-left-waiting': (tx, { parked }) => {
    const keys = new Map<string, { topic: string; key: string; id: number; failed: number }>();
    for (const { state, topic, key, id, error_code } of tx.all(parked)) {
      if (state !== 'parked' || key === '') continue;
      const name = `${topic}\n${key}`;
      const found = keys.get(name) ?? { topic, key, id, failed: 0 };
      if (error_code !== null) found.failed += 1;
      keys.set(name, { ...found, id: Math.min(found.id, id) });
    }
    return [...keys.values()]
      .filter(({ failed }) => failed === 0)
      .slice(0, 20)
      .map(({ topic, key, id }) => ({ topic, key, id }));
  },
  'operator-log-insert': () => [],
  'parking-cap-look': (tx, { parked }) => {
    const counts = new Map<
      string,
      { topic: string; partition: number; messages: number; keys: Set<string>; oldest: Date }
    >();
    for (const { state, topic, partition, key, parked_at: oldest } of tx.all(parked)) {
      if (state !== 'parked') continue;
      const name = `${topic}/${partition}`;
      const count = counts.get(name) ?? { topic, partition, messages: 0, keys: new Set(), oldest };
      count.messages += 1;
      count.keys.add(key);
      counts.set(name, { ...count, oldest: new Date(Math.min(count.oldest.getTime(), oldest.getTime())) });
    }
    return [...counts.values()].map(({ keys, ...count }) => ({ ...count, keys: keys.size }));
  },
};

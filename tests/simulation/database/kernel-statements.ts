import { type ParkedRow, parkingStatements } from './parking-statements.ts';
import { type ProgressTables, progressStatementsFor } from './progress-statements.ts';
import { createTable, type Execute, type Table, type Transaction, unwritten } from './server.ts';

/** The rows of schema `messaging`, by their statements' names: packages/messaging/src. */

type Vector = (number | null)[];

export interface InboxRow {
  readonly key: string;
  readonly applied: Vector;
  readonly published: Vector;
  readonly parked: number[];
}

export interface EffectRow {
  readonly kind: string;
  readonly id: string;
  readonly key: string;
  readonly data: unknown;
  readonly state: 'waiting' | 'started';
  readonly owner: string | null;
  readonly startedBy: string | null;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent: string | null;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface OutboxEntryRow {
  readonly position: number;
  readonly entry: Buffer;
  /** Epoch ms. */
  readonly createdAt: number;
}

interface RelayRow {
  readonly low: number;
  readonly epoch: number;
  readonly pid: number;
  readonly startedAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

interface InstanceRow {
  readonly id: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly seenAt: number;
}

export interface KernelTables extends ProgressTables {
  readonly topics: Table<{ name: string; ordinal: number }>;
  readonly inbox: Table<InboxRow>;
  readonly outbox: Table<OutboxEntryRow>;
  readonly effects: Table<EffectRow>;
  readonly parked: Table<ParkedRow>;
  readonly relay: Table<RelayRow>;
  readonly instances: Table<InstanceRow>;
  /** Last values drawn. */
  readonly sequences: { topic: number; position: number; parked: number };
}

const RELAY = 'relay';

export function createKernelTables(): KernelTables {
  const relay = createTable<RelayRow>('relay');
  relay.places.set(RELAY, {
    table: relay,
    key: RELAY,
    committed: { low: 0, epoch: 0, pid: 0, startedAt: 0, expiresAt: Number.NEGATIVE_INFINITY },
    visibleSince: 0,
    holder: undefined,
    written: unwritten,
  });
  return {
    topics: createTable('topics'),
    inbox: createTable('inbox'),
    outbox: createTable('outbox'),
    effects: createTable('effects'),
    parked: createTable('parked'),
    progress: createTable('progress'),
    massFailure: createTable('mass_failure'),
    relay,
    instances: createTable('instances'),
    sequences: { topic: 0, position: 0, parked: 0 },
  };
}

/** `{1,NULL,3}`. */
const parseVector = (text: string): Vector => JSON.parse(`[${text.slice(1, -1).replaceAll('NULL', 'null')}]`);

const effectKey = (kind: string, id: string) => `${kind}\n${id}`;

/** What a reader may change without harm. */
const copied = ({ key, applied, published, parked }: InboxRow): InboxRow => ({
  key,
  applied: [...applied],
  published: [...published],
  parked: [...parked],
});

const savedEffect = ({ owner: _owner, startedBy: _by, createdAt: _createdAt, ...effect }: EffectRow) =>
  effect;

const isLive = (tx: Transaction, tables: KernelTables, id: string): boolean => {
  const instance = tx.get(tables.instances, id);
  return (
    instance !== undefined &&
    tx.server.isAlive(instance.pid, instance.startedAt) &&
    instance.seenAt > tx.startedAt - 10_000
  );
};

const byAge = (one: EffectRow, other: EffectRow): number => one.createdAt - other.createdAt;

export const kernelStatements: Readonly<Record<string, Execute<KernelTables>>> = {
  ...parkingStatements,
  ...progressStatementsFor(isLive),
  'topics-insert': (tx, { topics, sequences }, [names]: [string[]]) => {
    for (const name of names) {
      // A value is drawn before the conflict is seen, and lost by it.
      sequences.topic += 1;
      tx.insert(topics, name, { name, ordinal: sequences.topic });
    }
    return [];
  },
  'topics-select': (tx, { topics }, [names]: [string[]]) =>
    tx.all(topics).filter(({ name }) => names.includes(name)),

  'inbox-lock-or-create': (tx, { inbox }, [keys]: [string[]]) => {
    const rows: InboxRow[] = [];
    const missing: string[] = [];
    for (const key of keys) {
      const row = tx.lock(inbox, key);
      if (row === undefined) missing.push(key);
      else rows.push(copied(row));
    }
    for (const key of missing) {
      const row: InboxRow = { key, applied: [], published: [], parked: [] };
      if (tx.insert(inbox, key, row) === undefined) rows.push(copied(row));
    }
    return rows;
  },
  'inbox-save': (tx, { inbox }, [keys, applied, published, parked]: string[][]) => {
    keys?.forEach((key, index) => {
      if (tx.lock(inbox, key) === undefined) return;
      tx.write(inbox, key, {
        key,
        applied: parseVector(applied?.[index] ?? '{}'),
        published: parseVector(published?.[index] ?? '{}'),
        parked: parseVector(parked?.[index] ?? '{}') as number[],
      });
    });
    return [];
  },

  'outbox-insert': (tx, { outbox, sequences }, [entry]: [Buffer]) => {
    sequences.position += 1;
    const position = sequences.position;
    tx.insertOnly(outbox, String(position), { position, entry, createdAt: tx.startedAt });
    return [{ position }];
  },
  'outbox-look': (tx, { outbox }, [high, gaps, limit]: [number, number[], number]) => {
    const xmin = String(tx.server.xmin());
    const fresh: OutboxEntryRow[] = [];
    const filled: OutboxEntryRow[] = [];
    for (const row of tx.all(outbox)) {
      if (row.position > high) fresh.push(row);
      if (gaps.includes(row.position)) filled.push(row);
    }
    fresh.sort(byPosition);
    const rows = [...filled, ...fresh.slice(0, limit)].sort(byPosition);
    if (rows.length === 0) return [{ xmin, position: null, entry: null }];
    return rows.map(({ position, entry }) => ({ xmin, position, entry }));
  },
  'outbox-horizon': (tx) => [{ xid: String(tx.assignXid()) }],

  'effects-insert': (tx, { effects }, values) => {
    const [kinds, ids, keys, data, owner, correlationIds, causationIds, traceparents] = values;
    const parsed: unknown[] = JSON.parse(data);
    const inserted: object[] = [];
    kinds.forEach((kind: string, index: number) => {
      const id: string = ids[index];
      const row: EffectRow = {
        kind,
        id,
        key: keys[index],
        data: parsed[index],
        state: 'waiting',
        owner,
        startedBy: null,
        correlationId: correlationIds[index],
        causationId: causationIds[index],
        traceparent: traceparents[index],
        createdAt: tx.startedAt,
      };
      if (tx.insert(effects, effectKey(kind, id), row) === undefined) inserted.push({ kind, id });
    });
    return inserted;
  },
  'effects-complete': (tx, { effects }, [kind, ids]: [string, string[]]) =>
    ids.flatMap((id) => {
      if (tx.lock(effects, effectKey(kind, id)) === undefined) return [];
      tx.write(effects, effectKey(kind, id), undefined);
      return [{ kind, id }];
    }),
  'effects-start': (tx, { effects }, [kind, ids, owner]: [string, string[], string]) =>
    ids.flatMap((id) => {
      const key = effectKey(kind, id);
      const mayBegin = (row: EffectRow | undefined) =>
        row?.owner === owner && (row.state === 'waiting' || row.startedBy === owner);
      if (!mayBegin(tx.get(effects, key))) return [];
      const row = tx.lock(effects, key);
      if (row === undefined || !mayBegin(row)) return [];
      tx.write(effects, key, { ...row, state: 'started', startedBy: owner });
      return [{ id }];
    }),
  'effects-reset': (tx, { effects }, [kind, id, owner]: string[]) => {
    const key = effectKey(kind ?? '', id ?? '');
    const isOurs = (row: EffectRow | undefined) => row?.owner === owner && row?.state === 'started';
    if (!isOurs(tx.get(effects, key))) return [];
    const row = tx.lock(effects, key);
    if (row !== undefined && isOurs(row)) tx.write(effects, key, { ...row, state: 'waiting' });
    return [];
  },
  'effects-adopt': (tx, tables, [owner, limit]: [string, number]) =>
    tx
      .all(tables.effects)
      .filter((row) => row.owner === null || !isLive(tx, tables, row.owner))
      .sort(byAge)
      .filter(({ kind, id }) => tx.isFree(tables.effects, effectKey(kind, id)))
      .slice(0, limit)
      .map((row) => {
        tx.write(tables.effects, effectKey(row.kind, row.id), { ...row, owner });
        return savedEffect(row);
      }),
  'effects-forgotten': (tx, { effects }, [owner, limit]: [string, number]) =>
    tx
      .all(effects)
      .filter((row) => row.owner === owner && row.createdAt < tx.startedAt - 5_000)
      .sort(byAge)
      .slice(0, limit)
      .map(savedEffect),

  'liveness-beat': (tx, { instances, outbox, relay, sequences }, [id]: [string]) => {
    const { pid, startedAt } = tx.session;
    const row = { id, pid, startedAt, seenAt: tx.startedAt };
    tx.upsert(instances, id, row, () => row);
    const low = tx.get(relay, RELAY)?.low ?? 0;
    const depth = sequences.position === 0 ? 0 : sequences.position - low;
    const [oldest] = tx
      .all(outbox)
      .filter(({ position }) => position > low)
      .sort(byPosition);
    return [{ depth, oldest: oldest === undefined ? null : (tx.startedAt - oldest.createdAt) / 1_000 }];
  },
  'liveness-forget': (tx, { instances }, [own]: [string]) => {
    for (const { id, seenAt } of tx.all(instances)) {
      if (id !== own && seenAt >= tx.startedAt - 3_600_000) continue;
      if (tx.lock(instances, id) !== undefined) tx.write(instances, id, undefined);
    }
    return [];
  },

  'relay-acquire': (tx, { relay }, [leaseMs]: [number]) => {
    const isFree = (row: RelayRow | undefined): row is RelayRow =>
      row !== undefined && (row.expiresAt < tx.server.clock() || !tx.server.isAlive(row.pid, row.startedAt));
    if (!isFree(tx.get(relay, RELAY))) return [];
    const row = tx.lock(relay, RELAY);
    if (!isFree(row)) return [];
    const { pid, startedAt } = tx.session;
    const epoch = row.epoch + 1;
    tx.write(relay, RELAY, { low: row.low, epoch, pid, startedAt, expiresAt: tx.server.clock() + leaseMs });
    return [{ low: row.low, epoch }];
  },
  'relay-mark': (tx, { relay }, [low, leaseMs, epoch]: [number, number, number]) => {
    if (tx.get(relay, RELAY)?.epoch !== epoch) return [];
    const row = tx.lock(relay, RELAY);
    if (row?.epoch !== epoch) return [];
    tx.write(relay, RELAY, { ...row, low, expiresAt: tx.server.clock() + leaseMs });
    return [{ epoch }];
  },
  'relay-release': (tx, { relay }, [epoch]: [number]) => {
    const row = tx.get(relay, RELAY)?.epoch === epoch ? tx.lock(relay, RELAY) : undefined;
    if (row?.epoch === epoch) tx.write(relay, RELAY, { ...row, expiresAt: Number.NEGATIVE_INFINITY });
    return [];
  },
  'relay-ring': (tx, _tables, [channel]: [string]) => {
    if (!tx.notifications.includes(channel)) tx.notifications.push(channel);
    return [{}];
  },
};

const byPosition = (one: OutboxEntryRow, other: OutboxEntryRow): number => one.position - other.position;

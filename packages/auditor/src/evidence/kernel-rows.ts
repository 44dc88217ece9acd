import type { TopicName } from '@skald/contracts';
import type { Snapshot } from './snapshot.ts';

/** What the kernel's own tables say in one service's database, in one moment. */
export interface KernelRows {
  /** A topic's place in the vectors of the inbox, from 0. */
  readonly ordinals: ReadonlyMap<string, number>;
  readonly inbox: ReadonlyMap<string, InboxRow>;
  readonly parked: readonly ParkedRow[];
  readonly effects: ReadonlyMap<string, readonly EffectRow[]>;
  /** All outbox entries up to here are acknowledged. */
  readonly low: number;
}

/** By ordinal: the highest sequence applied, and the last one given out. */
export interface InboxRow {
  readonly applied: readonly (number | null)[];
  readonly published: readonly (number | null)[];
}

export interface ParkedRow {
  readonly topic: TopicName;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly sequence: number | null;
  /** Null for one that merely waits behind the failed one of its key. */
  readonly code: string | null;
  /** Epoch ms. */
  readonly parkedAt: number;
  readonly state: string;
}

export interface EffectRow {
  readonly kind: string;
  readonly state: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

const msOf = (column: string): string => `extract(epoch FROM ${column})::float8 * 1000`;

export async function readKernelRows(snapshot: Snapshot): Promise<KernelRows> {
  const ordinals = new Map<string, number>();
  const topics = await snapshot.all<{ name: string; ordinal: number }>(
    'SELECT name, ordinal FROM messaging.topics',
  );
  for (const { name, ordinal } of topics) ordinals.set(name, ordinal - 1);

  const inbox = new Map<string, InboxRow>();
  const marks = snapshot.rows<InboxRow & { key: string }>(
    'SELECT key, applied, published FROM messaging.inbox',
  );
  for await (const { key, applied, published } of marks) inbox.set(key, { applied, published });

  const effects = new Map<string, EffectRow[]>();
  const open = snapshot.rows<EffectRow & { key: string }>(
    `SELECT key, kind, state, ${msOf('created_at')} AS "createdAt" FROM messaging.effects`,
  );
  for await (const { key, ...effect } of open) effects.set(key, [...(effects.get(key) ?? []), effect]);

  const [relay] = await snapshot.all<{ low: number }>('SELECT low FROM messaging.relay');
  const parked = await snapshot.all<ParkedRow>(
    `SELECT topic, key, partition, "offset", sequence, error_code AS code, ${msOf('parked_at')} AS "parkedAt",
            coalesce(to_jsonb(p) ->> 'state', 'parked') AS state
     FROM (SELECT * FROM messaging.parked) AS p ORDER BY id`,
  );
  return { ordinals, inbox, parked, effects, low: relay?.low ?? 0 };
}

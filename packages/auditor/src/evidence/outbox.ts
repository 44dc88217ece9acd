import type { TopicName } from '@skald/contracts';
import type { Chains } from './chains.ts';
import { keyTextOf } from './chains.ts';
import { digestId } from './digest.ts';
import { type Letter, letterId } from './letters.ts';
import type { EntryRecord } from './outbox-entry.ts';

/** An event that an outbox holds, and no topic. */
export interface Unpublished {
  readonly position: number;
  readonly topic: string;
  readonly key: string;
  readonly sequence: number;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** One service's outbox, held against the topics. */
export interface OutboxLook {
  /** All up to this position was acknowledged by Kafka before the topics were read. */
  readonly low: number;
  /** Positions begin here: what came before is gone. 0: nothing is there. */
  readonly firstPosition: number;
  /** When the first entry was made, epoch ms. */
  readonly firstAt: number;
  readonly entries: number;
  readonly events: number;
  readonly unpublished: readonly Unpublished[];
}

export interface OutboxRow {
  readonly position: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly records: readonly EntryRecord[];
}

/** Takes a service's entries, in order of position, and marks in the chains what is told of. */
export function createOutboxMatch(low: number, chains: Chains, letters: ReadonlyMap<string, Letter>) {
  let first: OutboxRow | undefined;
  let entries = 0;
  let events = 0;
  const unpublished: Unpublished[] = [];

  return {
    take(row: OutboxRow): void {
      first ??= row;
      entries += 1;
      for (const record of row.records) {
        events += 1;
        if (isOnTopic(record)) continue;
        const { position, createdAt } = row;
        const sequence = Number(record.headers['ce_sequence'] ?? 0);
        unpublished.push({ position, topic: record.topic, key: keyTextOf(record.key), sequence, createdAt });
      }
    },
    look: (): OutboxLook => ({
      low,
      firstPosition: first?.position ?? 0,
      firstAt: first?.createdAt ?? Number.POSITIVE_INFINITY,
      entries,
      events,
      unpublished,
    }),
  };

  function isOnTopic({ topic, key, headers }: EntryRecord): boolean {
    if (headers['dlq_topic'] !== undefined) return isLetter(headers);
    const chain = chains.of(topic as TopicName, keyTextOf(key));
    const sequence = Number(headers['ce_sequence']);
    const id = digestId(headers['ce_id'] ?? '');
    const heard = chain?.heard.find((one) => one.sequence === sequence && one.id === id);
    if (heard !== undefined) heard.isInOutbox = true;
    return heard !== undefined;
  }

  function isLetter(headers: Readonly<Record<string, string>>): boolean {
    const letter = letters.get(
      letterId({
        group: headers['dlq_group'] as Letter['group'],
        topic: headers['dlq_topic'] as TopicName,
        partition: Number(headers['dlq_partition']),
        offset: Number(headers['dlq_offset']),
      }),
    );
    // What was done about a letter isn't told apart by number: that the letter is there must do.
    if (letter === undefined) return false;
    return headers['dlq_resolution'] !== undefined || letter.attempts >= Number(headers['dlq_attempts'] ?? 1);
  }
}

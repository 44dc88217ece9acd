import type { EventName, TopicName } from '@skald/contracts';
import type { TopicEvent } from '../event-decoder.ts';
import type { TopicRecord } from '../topic-reader.ts';
import { digestId } from './digest.ts';
import { factOf } from './facts.ts';

/** An event, as little of it as judging needs: a hundred thousand orders leave a million of them. */
export interface Heard {
  readonly sequence: number;
  readonly name: EventName;
  /** See `digestId`. */
  readonly id: number;
  readonly offset: number;
  /** When it was decided, epoch ms. */
  readonly at: number;
  /** What is judged of its content: see `factOf`. */
  readonly fact: string | undefined;
  /** Its entry was found in its writer's outbox. */
  isInOutbox: boolean;
}

/** What is wrong with a chain, and where. */
export interface Flaw {
  readonly kind: 'lost' | 'duplicated' | 'reordered' | 'wrong';
  readonly says: string;
  readonly offset: number;
}

/** All events of one key in one topic: those that came again are counted, and held once. */
export interface Chain {
  readonly topic: TopicName;
  readonly key: string;
  readonly partition: number;
  /** In the order of their first appearance. */
  readonly heard: Heard[];
  newest: number;
  /** Of the last record, a repeated one included. */
  last: number;
  repeated: number;
  readonly flaws: Flaw[];
}

/** A record that nobody can read as an event. */
export interface Stray {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly sequence: number | undefined;
  /** When it was written, epoch ms. */
  readonly at: number;
  readonly why: string;
}

/** What the topics say, key by key. */
export interface Chains {
  hear(event: TopicEvent): void;
  of(topic: TopicName, key: string): Chain | undefined;
  /** Every chain of a topic. */
  in(topic: TopicName): Iterable<Chain>;
}

export function createChains(): Chains {
  const topics = new Map<TopicName, Map<string, Chain>>();

  function chainFor(topic: TopicName, key: string, partition: number): Chain {
    const keys = topics.get(topic) ?? new Map<string, Chain>();
    topics.set(topic, keys);
    let chain = keys.get(key);
    if (chain === undefined) {
      chain = { topic, key, partition, heard: [], newest: 0, last: 0, repeated: 0, flaws: [] };
      keys.set(key, chain);
    }
    return chain;
  }

  return {
    hear(event) {
      const chain = chainFor(event.record.topic as TopicName, event.key, event.record.partition);
      addTo(chain, event);
    },
    of: (topic, key) => topics.get(topic)?.get(key),
    in: (topic) => topics.get(topic)?.values() ?? [],
  };
}

function addTo(chain: Chain, event: TopicEvent): void {
  const { sequence, record, name } = event;
  const { offset, partition } = record;
  const blame = (kind: Flaw['kind'], says: string) => chain.flaws.push({ kind, says, offset });
  const id = digestId(event.id);
  if (partition !== chain.partition) blame('wrong', `is in partition ${partition}, too`);
  const twin = chain.heard.findLast((other) => other.sequence === sequence);
  chain.last = sequence;
  if (twin?.id === id) {
    chain.repeated += 1;
    return;
  }
  if (twin !== undefined) blame('duplicated', `has two events with the sequence ${sequence}`);
  else if (sequence < chain.newest) blame('reordered', `${chain.newest} is followed by ${sequence}`);
  const at = Date.parse(record.headers['ce_time'] ?? '') || record.timestamp;
  chain.heard.push({ sequence, name, id, offset, at, fact: factOf(event), isInOutbox: false });
  chain.newest = Math.max(chain.newest, sequence);
}

export const strayOf = (record: TopicRecord, why: string): Stray => {
  const sequence = Number(record.headers['ce_sequence']);
  return {
    topic: record.topic as TopicName,
    partition: record.partition,
    offset: record.offset,
    key: keyTextOf(record.key),
    sequence: Number.isInteger(sequence) ? sequence : undefined,
    at: record.timestamp,
    why,
  };
};

/** As a service's inbox has a key: text, or else its bytes in hex. See the migrations of packages/messaging. */
export function keyTextOf(key: Buffer | null): string {
  if (key === null) return '';
  const text = key.toString('utf8');
  const isText = text.length <= 255 && !text.includes('\0') && !text.includes('\ufffd');
  return isText ? text : `hex:${key.subarray(0, 128).toString('hex')}`;
}

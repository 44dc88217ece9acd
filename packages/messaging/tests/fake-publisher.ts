import { type RecordToSend, readRecord } from '../src/entry.ts';
import { unlessAborted } from '../src/patience.ts';
import type { Publisher } from '../src/relay.ts';

export interface FakeKafka {
  /** `key:value` of every record, as it arrived. */
  readonly log: string[];
  isAway: boolean;
  /** Called once the records of a call are there, before they are acknowledged. */
  onArrived: () => void | Promise<void>;
  createPublisher(): Publisher;
  readonly openPublishers: number;
}

/** Kafka as far as a relay sees it: records arrive, in order, and are acknowledged or not. */
export function createFakeKafka(): FakeKafka {
  const log: string[] = [];
  let openPublishers = 0;
  const fake: FakeKafka = {
    log,
    isAway: false,
    onArrived: () => undefined,
    get openPublishers() {
      return openPublishers;
    },
    createPublisher() {
      openPublishers += 1;
      return {
        async publish(records, signal) {
          while (fake.isAway) await unlessAborted(new Promise((resolve) => setTimeout(resolve, 5)), signal);
          log.push(...records.map(toText));
          await unlessAborted(Promise.resolve(fake.onArrived()), signal);
        },
        async close() {
          openPublishers -= 1;
        },
      };
    },
  };
  return fake;
}

const toText = (record: RecordToSend): string => {
  const { key, value } = readRecord(record);
  return `${key?.toString()}:${value?.toString()}`;
};

/** What a consumer makes of a log whose values are the versions of their keys: duplicates dropped, and gaps seen. */
export function applied(log: readonly string[]): {
  readonly versions: Map<string, number>;
  readonly gaps: string[];
} {
  const versions = new Map<string, number>();
  const gaps: string[] = [];
  for (const record of log) {
    const [key = '', value] = record.split(':');
    const last = versions.get(key) ?? 0;
    if (Number(value) === last + 1) versions.set(key, last + 1);
    else if (Number(value) > last) gaps.push(record);
  }
  return { versions, gaps };
}

import type { TopicRecord } from '@skald/auditor';
import { topics } from '@skald/contracts';
import { eventually, type SeededRandom, send } from '@skald/testkit';
import type { FaultKind, Field } from '../fault.ts';
import { publish } from '../publishing.ts';
import { withReader } from '../reading.ts';

/** Topics whose records belong to an order and are read by a service that other records of it reach, too. */
const topicsOfOrders = Object.values(topics)
  .filter(({ key, cleanup }) => key === 'orderId' && cleanup !== 'compact')
  .map(({ name }) => name);

/** Of a key: its records in order. Answers those that come once more, in the order in which they come. */
type Again = (records: readonly TopicRecord[]) => readonly TopicRecord[];

const KEYS = 30;

/** Records that lie in the topics are written there once more, byte for byte, as a zombie's or a broken producer's would. */
function replayed(name: string, again: Again): FaultKind {
  return {
    name,
    family: 'log',
    targets: () => topicsOfOrders,
    async fire(field, { target }, random) {
      const copies = await eventually(() => chooseCopies(field, target, again, random), {
        timeoutMs: PATIENCE_MS,
        everyMs: 250,
        what: `there are records in ${target}`,
      });
      const before = await duplicatesKnown(field, target);
      await publish(field.kafka, copies);
      let known = 0;
      await eventually(
        async () => {
          known = Math.max(known, since(before, await duplicatesKnown(field, target)));
          return known >= copies.length;
        },
        { timeoutMs: KNOWN_MS, everyMs: 250, what: 'all duplicates are known as such' },
      ).catch((error: unknown) => field.say(`${name} in ${target}: ${known} known. ${String(error)}`));
      return { 'records written again': copies.length, 'known as duplicates': known };
    },
  };
}

/** The broker may be away just now, and a busy machine takes its time to start one, ms. */
const PATIENCE_MS = 120_000;
const KNOWN_MS = 60_000;

/** A process that was killed meanwhile counts from nothing. */
const since = (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number =>
  [...now].reduce((sum, [instance, count]) => {
    const then = before.get(instance) ?? 0;
    return sum + (count >= then ? count - then : count);
  }, 0);

async function chooseCopies(
  { stack, planted }: Field,
  topic: string,
  again: Again,
  random: SeededRandom,
): Promise<readonly TopicRecord[] | undefined> {
  const records = await withReader(stack.addresses, (reader) => reader.read([topic]));
  const byKey = new Map<string, TopicRecord[]>();
  for (const record of records) {
    const key = record.key?.toString() ?? '';
    if (!planted.has(key)) byKey.set(key, [...(byKey.get(key) ?? []), record]);
  }
  const copies = random
    .shuffled([...byKey.values()])
    .map(again)
    .filter(({ length }) => length > 0)
    .slice(0, KEYS)
    .flat();
  return copies.length > 0 ? copies : undefined;
}

/** By instance: the topic's messages that it has known as duplicates since it started. One that is silent is left out. */
async function duplicatesKnown({ stack }: Field, topic: string): Promise<ReadonlyMap<string, number>> {
  const known = new Map<string, number>();
  await Promise.all(
    Object.entries(stack.addresses.services).map(async ([instance, url]) => {
      const metrics = await send(`${url}/metrics`, { timeoutMs: 3_000 }).catch(() => undefined);
      if (metrics !== undefined) known.set(instance, countDuplicates(metrics.text, topic));
    }),
  );
  return known;
}

const countDuplicates = (metrics: string, topic: string): number =>
  [...metrics.matchAll(/^messaging_messages_total\{([^}]*outcome="duplicate"[^}]*)\} (\d+)/gm)]
    .filter(([, labels]) => labels?.includes(`topic="${topic}"`))
    .reduce((sum, [, , count]) => sum + Number(count), 0);

export const recordFaults: readonly FaultKind[] = [
  // The newest, at once and once more.
  replayed('duplicated records', (records) => records.slice(-1).flatMap((record) => [record, record])),
  // The first, when others have come since.
  replayed('stale records', (records) => (records.length > 1 ? records.slice(0, 1) : [])),
  replayed('reordered records', (records) => (records.length > 1 ? [...records].reverse() : [])),
];

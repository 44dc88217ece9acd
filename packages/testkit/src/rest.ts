import { createTopicReader, type TopicReader } from '@skald/auditor';
import { groups, type ServiceName, serviceNames, type TopicName, topics } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import { type Databases, openDatabases } from './databases.ts';
import { eventually, type Patience } from './eventually.ts';
import { createShop } from './shop.ts';

const topicNames = Object.keys(topics) as TopicName[];

/**
 * Waits until all these orders have ended and nothing moves any more: every event published, read and reacted to,
 * every effect done. Then what is true of the system stays true.
 */
export async function waitForRest(
  addresses: StackAddresses,
  orderIds: readonly string[] = [],
  patience: Patience = {},
): Promise<void> {
  const shop = createShop(addresses);
  const databases = openDatabases(addresses);
  const reader = createTopicReader(addresses);
  const waiting = { timeoutMs: 60_000, ...patience };
  try {
    await eventually(
      async () => {
        const pending = new Set((await shop.listOrders({ status: 'PENDING' })).map((order) => order.orderId));
        const open = orderIds.filter((id) => pending.has(id));
        if (open.length > 0) throw new Error(`${open.length} are pending, such as ${open[0]}`);
        return true;
      },
      { everyMs: 100, what: 'the orders have ended', ...waiting },
    );
    await eventually(() => assertRest(reader, databases), {
      everyMs: 100,
      what: 'everything is at rest',
      ...waiting,
    });
  } finally {
    await Promise.all([databases.close(), reader.close()]);
  }
}

/**
 * In the direction in which work flows: what was read left its traces in effects and outboxes before its offset was
 * committed, and what they hold shows at the topics' ends once more.
 */
async function assertRest(reader: TopicReader, databases: Databases): Promise<true> {
  const before = await reader.ends(topicNames);
  for (const service of serviceNames) {
    const lag = await lagOf(reader, service, before);
    if (lag !== undefined) throw new Error(`${service} lags in ${lag}`);
  }
  await assertNone(databases, 'effects', 'SELECT kind, id FROM messaging.effects LIMIT 1');
  await assertNone(
    databases,
    'outbox entries',
    'SELECT position FROM messaging.outbox WHERE position > (SELECT low FROM messaging.relay) LIMIT 1',
  );
  const after = await reader.ends(topicNames);
  if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('events are still coming');
  return true;
}

async function lagOf(
  reader: TopicReader,
  service: ServiceName,
  ends: Awaited<ReturnType<TopicReader['ends']>>,
): Promise<string | undefined> {
  const read = groups[service];
  const committed = await reader.committed(service, read);
  const behind = ends.find(({ topic, partition, end }) => {
    if (!read.includes(topic as TopicName) || end === 0) return false;
    return (committed.get(`${topic}/${partition}`) ?? 0) < end;
  });
  return behind && `${behind.topic}/${behind.partition}`;
}

async function assertNone(databases: Databases, what: string, query: string): Promise<void> {
  for (const [service, rows] of await databases.queryAll(query)) {
    if (rows.length > 0) throw new Error(`${service} has open ${what}: ${JSON.stringify(rows[0])}`);
  }
}

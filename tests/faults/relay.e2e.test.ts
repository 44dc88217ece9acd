import { createTopicReader, type TopicReader } from '@skald/auditor';
import { type ServiceName, serviceNames, topics } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { useSystem } from './system.ts';
import { startWorkload } from './workload.ts';

const ORDERS = 40;
const EVERY_MS = 20;

const topicsBy = (service: ServiceName): string[] =>
  Object.values(topics)
    .filter(({ writer }) => writer === service)
    .map(({ name }) => name);

describe('a relay that dies between publishing and marking', () => {
  const system = useSystem('relay');

  /** Keeps the service's relay from marking what it has published. Ends what waits for the mark, then lets go. */
  async function holdMark(service: ServiceName): Promise<() => Promise<void>> {
    const { addresses, administratorUrl } = system.stack;
    const client = new pg.Client({ connectionString: addresses.postgres[service] });
    await client.connect();
    await client.query('BEGIN; SELECT FROM messaging.relay FOR UPDATE');
    return async () => {
      const administrator = new pg.Client({ connectionString: administratorUrl });
      await administrator.connect();
      // The dead process's statement would still be carried out as soon as the lock is gone.
      await administrator.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
        [service],
      );
      await administrator.end();
      await client.end();
    };
  }

  async function countPublished(reader: TopicReader, service: ServiceName): Promise<number> {
    return (await reader.ends(topicsBy(service))).reduce((total, { end }) => total + end, 0);
  }

  it('publishes twice at most, and nobody applies anything twice', async () => {
    const { stack, random, say } = system;
    const reader = createTopicReader(stack.addresses);
    try {
      const before = new Map(
        await Promise.all(
          serviceNames.map(async (name) => [name, await countPublished(reader, name)] as const),
        ),
      );
      const letGo = await Promise.all(serviceNames.map(holdMark));
      const workload = startWorkload({
        addresses: stack.addresses,
        orders: planOrders(ORDERS, random),
        everyMs: EVERY_MS,
      });
      for (const name of serviceNames) {
        await eventually(async () => (await countPublished(reader, name)) > (before.get(name) ?? 0), {
          what: `${name} has published something`,
        });
      }
      await Promise.all(serviceNames.map((name) => stack.kill(name)));
      await Promise.all(letGo.map((release) => release()));
      await workload.done;
      await judge(system, workload);

      for (const name of serviceNames) {
        const ids = (await reader.read(topicsBy(name))).map(({ headers }) => headers['ce_id']);
        const twice = ids.length - new Set(ids).size;
        say(`${name} has published ${ids.length} records, ${twice} of them again`);
        expect(twice, `records that ${name} published again`).toBeGreaterThan(0);
      }
    } finally {
      await reader.close();
    }
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { groups, type ServiceName } from '@skald/contracts';
import type { FaultKind, Field } from '../fault.ts';
import { watchLog } from '../log-watch.ts';
import { untilReady } from '../recovery.ts';
import { brokersOf, instancesOf } from './kills.ts';

/** A stranger joins the group, is given partitions, reads nothing, and leaves: again and again. */
export const rebalanceStorm: FaultKind = {
  name: 'rebalance storm',
  family: 'process',
  targets: ({ services }) => services,
  lastsMs: [4_000, 8_000],
  fire(field, { target, lastsMs }) {
    const service = target as ServiceName;
    return field.locks.hold([...instancesOf(service), ...brokersOf(field)], async () => {
      await untilReady(field, instancesOf(service));
      const logs = await Promise.all(instancesOf(service).map((name) => watchLog(field.stack, name)));
      const rebalances = async () =>
        (await Promise.all(logs.map((log) => log.count('partitions assigned')))).reduce(add, 0);
      const startedAt = Date.now();
      const isOver = async () => {
        const tookMs = Date.now() - startedAt;
        if (tookMs > lastsMs + PATIENCE_MS) return true;
        return tookMs > lastsMs && joined > 0 && (await rebalances()) > 0;
      };
      let joined = 0;
      do {
        const isIn = await joinOnce(field, service).catch(() => false);
        if (isIn) joined += 1;
        else await pause(200);
      } while (!(await isOver()));
      return {
        'times that a stranger joined': joined,
        'rebalances that instances went through': await rebalances(),
      };
    });
  },
};

const add = (one: number, other: number): number => one + other;
const PATIENCE_MS = 30_000;

async function joinOnce({ kafka }: Field, service: ServiceName): Promise<boolean> {
  const consumer = kafka.consumer({ groupId: service, sessionTimeout: 6_000, rebalanceTimeout: 10_000 });
  const joined = new Promise<boolean>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve(true));
    consumer.on(consumer.events.CRASH, () => resolve(false));
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...groups[service]] });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
    return await Promise.race([joined, pause(PATIENCE_MS).then(() => false)]);
  } finally {
    await consumer.disconnect();
  }
}

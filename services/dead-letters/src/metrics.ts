import type { Queryable } from '@skald/messaging';
import { Gauge, type Registry } from 'prom-client';
import { countOpen } from './store.ts';

/** How many are open, and since when: counted when somebody asks. */
export function measureOpen(database: Queryable, metrics: Registry): void {
  const labelNames = ['group', 'topic'] as const;
  const age = new Gauge({
    name: 'dead_letters_oldest_open_seconds',
    help: 'Seconds since the oldest open dead letter failed first',
    labelNames,
    registers: [metrics],
  });
  new Gauge({
    name: 'dead_letters_open',
    help: 'Dead letters that nobody has dealt with',
    labelNames,
    registers: [metrics],
    async collect() {
      const counts = await countOpen(database).catch(() => undefined);
      // Postgres is away: no figure is better than an old one.
      this.reset();
      age.reset();
      for (const { consumer_group: group, topic, count, age: seconds } of counts ?? []) {
        this.set({ group, topic }, count);
        age.set({ group, topic }, seconds);
      }
    },
  });
}

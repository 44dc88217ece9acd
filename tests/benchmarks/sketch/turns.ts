import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from 'kafkajs';
import { array, type Database, type Statement } from './database.ts';
import { type NewSketchEvent, readEvent, type SketchEvent, type SketchEventType } from './events.ts';
import { createGathering } from './gathering.ts';
import { type Outbox, pack } from './outbox.ts';

/** The three words of a service. */
export interface Reactor<World> {
  readonly reads: readonly SketchEventType[];
  /** What is known of the keys of these events. Issues its statements before it waits: they travel with the inbox. */
  load(db: Database, events: readonly SketchEvent[]): Promise<World>;
  /** Purely, apart from the world, which it changes. */
  decide(world: World, event: SketchEvent): NewSketchEvent | undefined;
  /** What has changed: at most a statement a table and kind of change. */
  save(db: Database, world: World): readonly Promise<unknown>[];
}

export const inboxSchema = 'CREATE TABLE IF NOT EXISTS inbox (event_id uuid PRIMARY KEY);';

const remember: Statement = {
  name: 'inbox-remember',
  text: 'INSERT INTO inbox SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id',
};

/**
 * How long to let the next gather, ms: a fetch, a transaction and a request cost much the same for one message and for
 * twenty, and what comes meanwhile shares them. A lone order never waits for it: the rest comes behind the work. At 100
 * orders/s the first five halve the latency, as without them the wake-ups alone fill two slow cores.
 */
export const restMs = (count: number): number => Math.min(5 + count * 0.25, 80);

/** Answers a function that takes a batch, and resolves once what it brought is committed. */
export function createTurns<World>(
  db: Database,
  reactor: Reactor<World>,
  outbox: Outbox,
): (batch: Batch) => Promise<void> {
  const reads = new Set<string>(reactor.reads);

  const react = async (events: readonly SketchEvent[]): Promise<void> => {
    const [, remembered, world] = await db.together(() =>
      Promise.all([
        db.run('BEGIN'),
        db.query<{ event_id: string }>(remember, [array(events.map(({ id }) => id))]),
        reactor.load(db, events),
      ]),
    );
    const fresh = new Set(remembered.map((row) => row.event_id));
    const decided: NewSketchEvent[] = [];
    for (const event of events) {
      // True once: an event may come twice in one turn.
      if (!fresh.delete(event.id)) continue;
      const next = reactor.decide(world, event);
      if (next !== undefined) decided.push(next);
    }
    const entry = pack(decided);
    const [rows] = await db.together(() =>
      Promise.all([outbox.save(db, entry), ...reactor.save(db, world), db.run('COMMIT')]),
    );
    outbox.send(rows, entry);
  };

  return createGathering<Batch>({
    work: async (batches) => {
      const messages = batches.flatMap((batch) => batch.messages);
      const events = messages.flatMap(({ value }) => readEvent(value?.toString() ?? '', reads));
      if (events.length > 0) await react(events);
      // Before the next fetch, so that it brings more.
      await sleep(restMs(messages.length));
    },
  });
}

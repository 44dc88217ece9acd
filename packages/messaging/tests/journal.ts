import type { Database } from '../src/database.ts';
import type { EventInput, Input } from '../src/input.ts';
import type { Decision, Reactor } from '../src/reactor.ts';

interface Entry {
  readonly key: string;
  readonly sequence: number;
}

/** A service that writes down what it has applied, in the order in which it was; `refuse` throws what is to fail. */
export function createJournal(refuse: (input: EventInput) => void): Reactor<Entry[], Entry> {
  return {
    consumes: ['orders.events'],
    load: async () => [],
    decide(_world, input: Input): Decision<Entry> {
      if (input.kind !== 'event') return { outcome: 'ignore', reason: 'not an event', reply: 'here' };
      refuse(input);
      return { outcome: 'apply', change: { key: input.key, sequence: input.sequence } };
    },
    evolve: (world, entry) => void world.push(entry),
    async save(db, world) {
      await db.query(
        `INSERT INTO journal (key, sequence) SELECT key, sequence
         FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS u (key, sequence, n) ORDER BY n`,
        [world.map(({ key }) => key), world.map(({ sequence }) => sequence)],
      );
    },
  };
}

/** The sequences applied, in their order, by key. */
export async function readJournal(
  database: Database,
  keys: readonly string[],
): Promise<Map<string, number[]>> {
  const rows = await database.query<Entry>(
    'SELECT key, sequence FROM journal WHERE key = ANY ($1) ORDER BY id',
    [keys],
  );
  const journal = new Map<string, number[]>(keys.map((key) => [key, []]));
  for (const { key, sequence } of rows) journal.get(key)?.push(sequence);
  return journal;
}

/** What there is of each key when all of it was applied as it was produced. */
export const inOrder = (keys: readonly string[], count: number): Map<string, number[]> =>
  new Map(keys.map((key) => [key, Array.from({ length: count }, (_, index) => index + 1)]));

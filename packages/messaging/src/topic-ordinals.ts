import type { Queryable, Statement } from './database.ts';

const INSERT: Statement = {
  name: 'topics-insert',
  text: 'INSERT INTO messaging.topics (name) SELECT unnest($1::text[]) ON CONFLICT (name) DO NOTHING',
};
const SELECT: Statement = {
  name: 'topics-select',
  text: 'SELECT name, ordinal FROM messaging.topics WHERE name = ANY ($1::text[])',
};

/** Each topic's place in the inbox's vectors, 1-based as Postgres counts; given once and never changed. */
export async function loadTopicOrdinals(
  db: Queryable,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  await db.query(INSERT, [[...topics].sort()]);
  const rows = await db.query<{ name: string; ordinal: number }>(SELECT, [topics]);
  return new Map(rows.map(({ name, ordinal }) => [name, ordinal]));
}

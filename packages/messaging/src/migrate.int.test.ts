import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { beforeEach, describe, expect, it } from 'vitest';
import { logger } from '../tests/given.ts';
import { createTestDatabase, migrations, type TestDatabase } from '../tests/infrastructure.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase(false);
  return () => database.drop();
});

/** The kernel's tables as they were after its first migrations. */
const migrateFirst = (count: number) =>
  runner({
    databaseUrl: database.url,
    dir: fileURLToPath(new URL('../migrations', import.meta.url)),
    migrationsSchema: 'messaging',
    createMigrationsSchema: true,
    migrationsTable: 'migrations',
    direction: 'up',
    count,
    log: () => undefined,
  });

describe('an upgrade', () => {
  it('keeps effects that are open as they are, and deletes those that are done', async () => {
    await migrateFirst(1);
    await database.query(`
      INSERT INTO messaging.effects (kind, id, key, data, state, outcome, correlation_id, causation_id)
      VALUES ('mail', 'waiting', 'k', '{"to": ["ada"]}', 'waiting', NULL, 'c', 'i'),
             ('mail', 'started', 'k', '{"to": ["bob"]}', 'started', NULL, 'c', 'i'),
             ('mail', 'done', 'k', NULL, 'done', '"sent"', 'c', 'i')`);
    await migrate(database.url, migrations, logger);
    expect(await database.query('SELECT id, state, data FROM messaging.effects ORDER BY id')).toEqual([
      { id: 'started', state: 'started', data: { to: ['bob'] } },
      { id: 'waiting', state: 'waiting', data: { to: ['ada'] } },
    ]);
  });

  it('waits until events in the format before are sent: none is dropped', async () => {
    await migrateFirst(2);
    await database.query("INSERT INTO messaging.outbox (entry) VALUES ('\\x00')");
    await expect(migrate(database.url, migrations, logger)).rejects.toThrow('format of the version before');
    await database.query('UPDATE messaging.relay SET low = (SELECT max(position) FROM messaging.outbox)');
    await migrate(database.url, migrations, logger);
    expect(await database.query('SELECT position FROM messaging.outbox_view')).toEqual([]);
  });
});

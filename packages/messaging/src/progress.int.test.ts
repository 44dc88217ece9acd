import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { logger } from '../tests/given.ts';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import { itKeepsProgress } from '../tests/progress-conformance.ts';
import { createDatabase } from './database.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { createProgress } from './progress.ts';

let database: TestDatabase;
const alive = new Set<Liveness>();

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.query('TRUNCATE messaging.progress'));
afterAll(async () => {
  await Promise.all([...alive].map((liveness) => liveness.stop()));
  await database.drop();
});

describe('progress in Postgres', () => {
  itKeepsProgress(() => ({
    async start() {
      const instance = randomUUID();
      const own = createDatabase({ url: database.url, name: 'instance' });
      const liveness = createLiveness(own, instance, logger);
      await liveness.start();
      alive.add(liveness);
      return {
        progress: createProgress(database, instance),
        async die() {
          await liveness.stop();
          alive.delete(liveness);
          await own.close();
        },
      };
    },
  }));
});

import { createHttp, createLogger } from '@skald/service-kit';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { lineSchema } from '../src/answer.ts';
import { routes } from '../src/http.ts';
import { createOperatorClient } from '../src/operator-client.ts';
import { type FakeOperator, startFakeOperator } from './fake-operator.ts';

export const token = 'an-operators-token';

/** The service over a real database, with its routes listening and the other services faked. */
export async function startService(control: string) {
  const database: TestDatabase = await createTestDatabase(
    control,
    new URL('../migrations/001_dead_letters.sql', import.meta.url),
  );
  const operator: FakeOperator = await startFakeOperator(token);
  const stopping = new AbortController();
  const { app } = await createHttp({
    name: 'dead-letters',
    logger: createLogger('test', 'silent'),
    limits: { requestTimeout: 300 },
  });
  routes(app, {
    database: database.db,
    connect: async () => {
      const client = await database.pool.connect();
      return {
        usable: true,
        query: async (text, values = []) =>
          (await client.query(typeof text === 'string' ? text : text.text, [...values])).rows,
        onNotification: () => undefined,
        close: async () => client.release(true),
      };
    },
    operator: createOperatorClient({ payment: operator.url, inventory: operator.url }, token),
    viewer: { view: async (value) => ({ undecodable: `${value?.length} bytes` }) },
    surroundings: { of: async () => ({ before: [], after: [], from: 0, to: 9 }) },
    traceUrl: 'http://traces/{traceId}',
    token,
    stopping: stopping.signal,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const authorization = { authorization: `Bearer ${token}` };
  return {
    url,
    database,
    operator,
    stop: (reason: string) => stopping.abort(reason),
    /** Answers status and body. */
    async get(path: string, headers: Record<string, string> = authorization) {
      const response = await fetch(url + path, { headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async send(method: string, path: string, body: unknown) {
      const response = await fetch(url + path, {
        method,
        headers: { ...authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        text: await response.text(),
        type: response.headers.get('content-type'),
      };
    },
    /** The lines of a job that is under way, and how to hang up. */
    async open(path: string, body: unknown) {
      const hangUp = new AbortController();
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: hangUp.signal,
      });
      const reader = response.body?.getReader();
      return { status: response.status, reader, hangUp: () => hangUp.abort() };
    },
    async close() {
      app.server.closeAllConnections();
      await app.close();
      await operator.close();
      await database.stop();
    },
  };
}

export const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));

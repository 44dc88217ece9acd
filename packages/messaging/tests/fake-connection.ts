import type { Connection } from '../src/database.ts';

/** A connection that answers every statement with what `answer` says; no rows by default. */
export function createFakeConnection(
  answer: (statement: string, values: readonly unknown[]) => readonly object[] = () => [],
): Connection & { usable: boolean } {
  const connection: Connection & { usable: boolean } = {
    usable: true,
    async query<Row extends object>(
      statement: string | { readonly name: string },
      values: readonly unknown[] = [],
    ) {
      return answer(typeof statement === 'string' ? statement : statement.name, values) as Row[];
    },
    onNotification: () => undefined,
    async close() {
      connection.usable = false;
    },
  };
  return connection;
}

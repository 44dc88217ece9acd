import { type Connection, type Database, inTransaction, type Queryable } from './database.ts';

/** Transactions outside of reactions, on connections that are kept for the next one. */
export interface Transactions {
  /** Throws TransientError while Postgres is away; what `work` throws, after the rollback. */
  run<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Connections that stay open while nobody needs them. */
const SPARE = 2;

export function createTransactions(database: Pick<Database, 'connect'>): Transactions {
  const spare: Connection[] = [];
  let isClosed = false;

  const giveBack = async (connection: Connection) => {
    if (connection.usable && !isClosed && spare.length < SPARE) spare.push(connection);
    else await connection.close();
  };

  const take = async (): Promise<Connection> => {
    for (let known = spare.pop(); known !== undefined; known = spare.pop()) {
      if (known.usable) return known;
      await known.close();
    }
    return database.connect();
  };

  return {
    async run(work) {
      const connection = await take();
      try {
        return await inTransaction(connection, work);
      } finally {
        await giveBack(connection);
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(spare.splice(0).map((connection) => connection.close()));
    },
  };
}

import pg from 'pg';
import { FatalError, TransientError } from './errors.ts';
import { type FailureKind, kindOfSqlState } from './failures.ts';

/** A prepared statement: named once, planned once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What a service sees of Postgres: inside a reaction the transaction's connection, elsewhere the pool. */
export interface Queryable {
  /**
   * Statements issued without awaiting in between travel together (pipelined), in order.
   * int8 comes back as number, timestamptz as Date, bytea as Buffer, json and jsonb parsed.
   */
  query<Row extends object = Record<string, unknown>>(
    statement: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

export interface Connection extends Queryable {
  /** False once the connection is lost: take a new one. */
  readonly usable: boolean;
  onNotification(listener: () => void): void;
  close(): Promise<void>;
}

export interface Database extends Queryable {
  /** A connection of one's own. Throws TransientError while Postgres is away. */
  connect(): Promise<Connection>;
  close(): Promise<void>;
}

const INT8 = 20;
const INT4_ARRAY = 1007;

/** `{1,NULL,3}`: pg's own parser goes through it letter by letter. */
const parseIntegers = (text: string): unknown =>
  JSON.parse(`[${text.slice(1, -1).replaceAll('NULL', 'null')}]`);

/**
 * int8 as number: positions, counts and minor units stay far below 2^53. Everything comes as text, bytea too: pg reads
 * each field as a UTF-8 string, which a binary one doesn't survive.
 */
const types = {
  getTypeParser(oid: number) {
    if (oid === INT8) return (value: string) => Number(value);
    return oid === INT4_ARRAY ? parseIntegers : pg.types.getTypeParser(oid);
  },
} as pg.CustomTypesConfig;

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Connections of the pool, for queries outside of reactions. Default 5. */
  readonly poolSize?: number;
}

export function createDatabase(options: DatabaseOptions): Database {
  const config = {
    connectionString: options.url,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // Statements are planned once, often while their tables are small, and go along a key: a plan that reads a small
    // table as a whole would go on to do so when it has grown. A plain index scan marks entries that lead to nothing any
    // more, so that the next one passes them over; a bitmap scan meets them all again until the table is vacuumed.
    options: '-c enable_seqscan=off -c enable_bitmapscan=off',
    types,
    pipeline: true,
  };
  const pool = new pg.Pool({ ...config, max: options.poolSize ?? 5, idleTimeoutMillis: 60_000 });
  // An idle connection that breaks is replaced at the next query, which is where its error matters.
  pool.on('error', () => undefined);
  return {
    async query<Row extends object>(statement: Statement | string, values?: readonly unknown[]) {
      const { rows } = await classified(pool.query<Row>(toQuery(statement, values)));
      return rows;
    },
    connect: () => connect(config),
    close: () => pool.end(),
  };
}

async function connect(config: pg.ClientConfig & { pipeline: boolean }): Promise<Connection> {
  const client = new pg.Client(config);
  let usable = true;
  client.on('error', () => {
    usable = false;
  });
  client.on('end', () => {
    usable = false;
  });
  let isHeld = false;
  /** What is issued in one turn travels in one packet: else each statement wakes Postgres on its own. */
  const holdForThisTurn = () => {
    if (isHeld) return;
    isHeld = true;
    const { stream } = client.connection;
    stream.cork();
    setImmediate(() => {
      isHeld = false;
      stream.uncork();
    });
  };
  const query = async <Row extends object>(statement: Statement | string, values?: readonly unknown[]) => {
    holdForThisTurn();
    try {
      const { rows } = await classified(client.query<Row>(toQuery(statement, values)));
      return rows;
    } catch (error) {
      // Its statements were prepared before a migration, and stay what they were: a new connection prepares them anew.
      if (error instanceof TransientError && error.code === STALE_PLAN) usable = false;
      throw error;
    }
  };
  await classified(client.connect());
  return {
    get usable() {
      return usable;
    },
    query,
    onNotification(listener) {
      client.on('notification', listener);
    },
    async close() {
      usable = false;
      await client.end().catch(() => undefined);
    },
  };
}

const toQuery = (statement: Statement | string, values: readonly unknown[] = []) =>
  typeof statement === 'string'
    ? { text: statement, values: [...values] }
    : { name: statement.name, text: statement.text, values: values.map(toParameter) };

/** Columns of text and numbers go as an array each, written here: pg escapes every element twice, needed or not. */
function toParameter(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  let isPlain = true;
  for (const element of value) {
    if (typeof element === 'string') isPlain &&= !element.includes('"') && !element.includes('\\');
    else if (typeof element === 'number' || element === null) isPlain = false;
    else return value;
  }
  if (isPlain && value.length > 0) return `{"${value.join('","')}"}`;
  return `{${value.map(toElement).join(',')}}`;
}

function toElement(element: string | number | null): string {
  if (element === null) return 'NULL';
  return typeof element === 'number' ? String(element) : `"${element.replace(/["\\]/g, '\\$&')}"`;
}

async function classified<Result>(query: Promise<Result>): Promise<Result> {
  try {
    return await query;
  } catch (error) {
    const kind = kindOf(error);
    const { code, message } = error as { code?: string; message: string };
    if (kind === 'transient')
      throw new TransientError(code ?? 'DATABASE_UNAVAILABLE', `Postgres: ${message}`, { cause: error });
    // Never one message's fault, but a build and a database that don't belong together.
    if (kind === 'fatal') throw new FatalError('WRONG_STATEMENT', `Postgres: ${message}`, { cause: error });
    throw error;
  }
}

/** `cached plan must not change result type`: a table was altered under a prepared statement. */
const STALE_PLAN = '0A000';

/** The table says what a SQLSTATE means. An error that didn't come from Postgres at all: the connection failed, or was lost. */
function kindOf(error: unknown): FailureKind | undefined {
  if (error instanceof pg.DatabaseError) return kindOfSqlState(error.code ?? '');
  const isConnection =
    error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError);
  return isConnection ? 'transient' : undefined;
}

/**
 * Runs work in a transaction. BEGIN travels with its first statements and COMMIT with its last, so `work` need not
 * await what it doesn't read; the first statement that fails is the error of the whole.
 */
export async function inTransaction<Result>(
  connection: Connection,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  let failure: { error: unknown } | undefined;
  const issued: Promise<unknown>[] = [];
  const track = <T>(query: Promise<T>): Promise<T> => {
    issued.push(
      query.catch((error: unknown) => {
        failure ??= { error };
      }),
    );
    return query;
  };
  let isOver = false;
  const tx: Queryable = {
    query(statement, values) {
      if (isOver) throw new FatalError('TRANSACTION_OVER', 'a statement was issued behind its COMMIT');
      return track(connection.query(statement, values));
    },
  };
  try {
    void track(connection.query('BEGIN'));
    const result = await work(tx);
    isOver = true;
    void track(connection.query('COMMIT'));
    await Promise.all(issued);
    if (failure !== undefined) throw failure.error;
    return result;
  } catch (error) {
    if (connection.usable) await connection.query('ROLLBACK').catch(() => undefined);
    await Promise.all(issued);
    throw failure?.error ?? error;
  }
}

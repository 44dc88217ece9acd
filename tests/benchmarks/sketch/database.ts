import pg from 'pg';

/** Prepared once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface Database {
  query<Row extends object>(statement: Statement, values?: readonly string[]): Promise<Row[]>;
  run(sql: string): Promise<unknown>;
  /** What `issue` issues travels in one packet. */
  together<Result>(issue: () => Result): Result;
  close(): Promise<void>;
}

/** One connection, pipelined. */
export async function connect(connectionString: string): Promise<Database> {
  const client = new pg.Client({
    connectionString,
    pipeline: true,
    // Statements are planned while their tables are empty, and are to go along a key when they have grown.
    options: '-c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan',
  });
  await client.connect();
  return {
    async query<Row extends object>({ name, text }: Statement, values: readonly string[] = []) {
      const { rows } = await client.query<Row>({ name, text, values: [...values] });
      return rows;
    },
    run: (sql) => client.query(sql),
    together(issue) {
      const { stream } = client.connection;
      stream.cork();
      try {
        return issue();
      } finally {
        stream.uncork();
      }
    },
    close: () => client.end(),
  };
}

type Value = string | number | null;

export const array = (values: Iterable<Value>): string => `{${Array.from(values, toElement).join(',')}}`;

function toElement(value: Value): Value {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return value;
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
}

/** One statement for all rows, each column an array. None for no rows. */
export function saveRows(
  db: Database,
  statement: Statement,
  rows: readonly (readonly Value[])[],
): Promise<unknown>[] {
  const [first] = rows;
  if (first === undefined) return [];
  const columns = first.map((_, column) => array(rows.map((row) => row[column] ?? null)));
  return [db.query(statement, columns)];
}

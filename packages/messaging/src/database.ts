/** A prepared statement: named once, planned once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What a service sees of Postgres: inside a reaction the transaction's connection, elsewhere the pool. */
export interface Queryable {
  /**
   * Statements issued without awaiting in between travel together (pipelined), in order.
   * int8 comes back as number, timestamptz as Date, bytea as Buffer, jsonb parsed.
   */
  query<Row extends object = Record<string, unknown>>(
    statement: Statement | string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

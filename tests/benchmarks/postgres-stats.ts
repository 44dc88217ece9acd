import pg from 'pg';

export interface PostgresCounters {
  /** Transactions committed in all databases; a statement on its own is one. */
  readonly commits: number;
  readonly walBytes: number;
}

export interface PostgresStats {
  read(): Promise<PostgresCounters>;
  close(): Promise<void>;
}

/** Reads the cluster's counters through any database of it: they are for everyone to see. */
export async function connectPostgresStats(databaseUrl: string): Promise<PostgresStats> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'benchmark' });
  // A query says so as well.
  client.on('error', () => {});
  await client.connect();
  return {
    read: async () => {
      const counters = await client.query<{ commits: string; wal: string }>(
        'SELECT (SELECT sum(xact_commit) FROM pg_stat_database) AS commits, (SELECT wal_bytes FROM pg_stat_wal) AS wal',
      );
      const { commits = 0, wal = 0 } = counters.rows[0] ?? {};
      return { commits: Number(commits), walBytes: Number(wal) };
    },
    close: () => client.end(),
  };
}

export async function postgresVersion(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  return rows[0]?.server_version ?? 'unknown';
}

import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import type { Connection, Database, Queryable, Statement } from './database.ts';
import { time } from './time.ts';

export interface Liveness {
  /** Registers the instance and keeps it registered. Throws TransientError if the first time fails. */
  start(): Promise<void>;
  /** Postgres has answered lately. */
  readonly alive: boolean;
  /** Positions drawn and not yet acknowledged by Kafka, as last counted. */
  readonly outboxDepth: number;
  /** For how long the oldest of them had waited then, seconds; 0 where none does. */
  readonly outboxOldestSeconds: number;
  stop(): Promise<void>;
}

const BEAT_MS = 2_000;
const SILENCE_MS = 6_000;

export const BEAT: Statement = {
  name: 'liveness-beat',
  text: `
  WITH beat AS (
    INSERT INTO messaging.instances (id, backend_pid, backend_start)
    SELECT $1::uuid, pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
    ON CONFLICT (id) DO UPDATE SET backend_pid = EXCLUDED.backend_pid, backend_start = EXCLUDED.backend_start, seen_at = now())
  SELECT CASE WHEN s.is_called THEN s.last_value - r.low ELSE 0 END AS depth,
    (SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8
      FROM messaging.outbox o WHERE o.position > r.low ORDER BY o.position LIMIT 1) AS oldest
  FROM messaging.outbox_position s, messaging.relay r`,
};
export const FORGET: Statement = {
  name: 'liveness-forget',
  text: "DELETE FROM messaging.instances WHERE seen_at < now() - interval '1 hour' OR id = $1",
};

/**
 * Says to the other instances that this one lives: by a connection that breaks with it, and by a beat. `look`: what else is
 * to be looked at with each beat.
 */
export function createLiveness(
  database: Database,
  instance: string,
  logger: Logger,
  look: (db: Queryable) => Promise<void> = async () => undefined,
): Liveness {
  const stopping = new AbortController();
  let connection: Connection | undefined;
  let lastBeat = Number.NEGATIVE_INFINITY;
  let outboxDepth = 0;
  let outboxOldestSeconds = 0;
  let beating: Promise<void> | undefined;

  const beat = async () => {
    if (!connection?.usable) {
      await connection?.close();
      connection = await database.connect();
      await connection.query("SET synchronous_commit = off; SET statement_timeout = '5s'");
    }
    const [row] = await connection.query<{ depth: number; oldest: number | null }>(BEAT, [instance]);
    outboxDepth = row?.depth ?? 0;
    outboxOldestSeconds = Math.max(0, row?.oldest ?? 0);
    lastBeat = time.monotonic();
    await look(connection);
  };

  const keepBeating = async () => {
    while (!stopping.signal.aborted) {
      await pause(BEAT_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await beat().catch((error: unknown) => logger.debug({ err: error }, 'no heartbeat'));
    }
  };

  return {
    async start() {
      await beat();
      beating = keepBeating();
    },
    get alive() {
      return time.monotonic() - lastBeat < SILENCE_MS;
    },
    get outboxDepth() {
      return outboxDepth;
    },
    get outboxOldestSeconds() {
      return outboxOldestSeconds;
    },
    async stop() {
      stopping.abort();
      await beating;
      if (connection?.usable) await connection.query(FORGET, [instance]).catch(() => undefined);
      await connection?.close();
    },
  };
}

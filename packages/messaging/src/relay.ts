import type { Logger } from 'pino';
import { backoffMs, createSleeper, pause } from './backoff.ts';
import type { Connection, Database } from './database.ts';
import { type RecordToSend, unpackEntry } from './entry.ts';
import { HORIZON, LOOK, type OutboxLook, type OutboxRow, SLOT_SIZE, SLOTS } from './outbox.ts';
import { createOutboxWindow, type OutboxWindow } from './outbox-window.ts';
import { acquireLease, type Lease } from './relay-lease.ts';
import { time } from './time.ts';

/** Sends records to Kafka, in order; keeps trying new producers until the records are there. */
export interface Publisher {
  publish(records: readonly RecordToSend[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly database: Database;
  readonly logger: Logger;
  /** A publisher of its own for each lease: in transactional mode it fences the one before. */
  createPublisher(): Publisher;
  /** Entries of one look. Default 64. */
  readonly maxEntries?: number;
  /** Between looks where no bell rings, ms: one may have died between its commit and its ringing. Default 5000. */
  readonly pollMs?: number;
  /** The mark may lag this far behind: after a crash that much is sent again, ms. Default 500. */
  readonly markMs?: number;
  onPublished(entries: number, records: number): void;
}

export interface Relay {
  start(): void;
  /** A transaction of this process has committed an entry: it need not be read again. */
  offer(row: OutboxRow): void;
  /** True while this instance's relay is the active one. */
  readonly active: boolean;
  /** Entries seen and not yet acknowledged by Kafka; 0 where another instance relays. */
  readonly pending: number;
  /** Since when nothing could be published, epoch ms. */
  readonly blockedSince: number | undefined;
  /** Publishes what is committed, within the time given, and hands over the lease. */
  stop(graceMs: number): Promise<void>;
}

/** Another instance's relay may have been killed: look for a lease this often, ms. */
const LEASE_POLL_MS = 1_000;
/** While a gap is open, as nobody rings for a transaction that was rolled back, ms. */
const GAP_POLL_MS = 1_000;
/** Kafka that takes longer to acknowledge counts as away, ms. */
const SLOW_MS = 2_000;

/**
 * Brings the outbox to Kafka. One relay is active for an outbox; it reads what is new in order of position, sends it,
 * and marks it when Kafka has acknowledged. What a crash leaves between acknowledgement and mark is sent twice:
 * consumers know it by its sequence.
 */
export function createRelay(options: RelayOptions): Relay {
  const { database, logger, maxEntries = 64, pollMs = 5_000, markMs = 500 } = options;
  const stopping = new AbortController();
  /** Ends the wait for Kafka when the grace is over. */
  const abandoning = new AbortController();
  let running: Promise<void> | undefined;
  let window: OutboxWindow | undefined;
  let failures = 0;
  let failingSince: number | undefined;
  let sendingSince: number | undefined;
  /** Somebody else has committed an entry: look. */
  let rung = false;
  /** An entry of our own is at hand. */
  let hasOffer = false;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const sleeper = createSleeper();

  const ring = () => {
    rung = true;
    sleeper.wake();
  };

  const lookEveryMs = ({ hasGaps }: OutboxWindow) => (hasGaps ? Math.min(pollMs, GAP_POLL_MS) : pollMs);

  const waitForBell = async (current: OutboxWindow) => {
    if (rung || hasOffer || stopping.signal.aborted) return;
    await sleeper.sleep(lookEveryMs(current));
  };

  const look = async (connection: Connection, current: OutboxWindow): Promise<readonly OutboxRow[]> => {
    rung = false;
    lookedAt = time.monotonic();
    const rows = await connection.query<LookRow>(LOOK, [current.high, current.gaps, maxEntries]);
    const fresh = current.take(toLook(rows));
    if (current.needsHorizon) {
      // On the same connection, so that it is answered before the next look; if it fails, that one asks again.
      connection.query<{ xid: string }>(HORIZON).then(
        ([row]) => row && current.setHorizon(BigInt(row.xid)),
        () => undefined,
      );
    }
    return fresh;
  };

  /** What this process has committed is at hand; what others have, and what fills a gap, is looked for. */
  const nextRows = async (lease: Lease, current: OutboxWindow): Promise<readonly OutboxRow[]> => {
    hasOffer = false;
    if (!rung && time.monotonic() - lookedAt < lookEveryMs(current)) {
      const rows = current.takeOffered();
      if (rows.length > 0 || !current.hasStranded) return rows;
    }
    const rows = await look(lease.connection, current);
    return rows.length > 0 ? rows : current.takeOffered();
  };

  /** While the lease holds: take what is new, send it, note the acknowledgement. */
  const relayUnderLease = async (lease: Lease, publisher: Publisher) => {
    const current = createOutboxWindow(lease.low);
    window = current;
    const ended = new AbortController();
    keepHouse(lease, current, ended);
    const signal = AbortSignal.any([abandoning.signal, ended.signal]);
    try {
      while (lease.held) {
        const rows = await nextRows(lease, current);
        if (rows.length === 0) {
          failures = 0;
          failingSince = undefined;
          // A bell that rang since the look was for an entry that it didn't see.
          if (stopping.signal.aborted && !rung && !hasOffer) break;
          await waitForBell(current);
          continue;
        }
        const records = rows.flatMap((row) => row.records ?? unpackEntry(row.entry));
        sendingSince = time.now();
        await publisher.publish(records, signal);
        failures = 0;
        failingSince = undefined;
        sendingSince = undefined;
        current.acknowledge(rows);
        options.onPublished(rows.length, records.length);
      }
    } finally {
      ended.abort();
      window = undefined;
      sendingSince = undefined;
      await lease.mark(current.low()).catch(() => undefined);
    }
  };

  /** Beside the sending: the mark, the lease's renewal, and slots that can be used again. */
  const keepHouse = (lease: Lease, current: OutboxWindow, ended: AbortController) => {
    const run = async () => {
      let marked = lease.low;
      let cleared = Math.floor(lease.low / SLOT_SIZE);
      while (!ended.signal.aborted && lease.held) {
        const low = current.low();
        if (low > marked || lease.needsRenewal()) {
          await lease.mark(low);
          marked = low;
        }
        if (Math.floor(low / SLOT_SIZE) > cleared) cleared = await clearSlots(lease, low, cleared);
        await pause(markMs, ended.signal);
      }
    };
    const lost = (error?: unknown) => {
      if (ended.signal.aborted) return;
      logger.warn({ err: error }, 'the relay lost its lease');
      lease.lose();
      // What is being sent is given up, too: a zombie must not go on trying for as long as Kafka is away.
      ended.abort();
      ring();
    };
    run().then(() => lost(), lost);
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      let lease: Lease | undefined;
      try {
        lease = await acquireLease(database);
        if (lease === undefined) {
          await pause(LEASE_POLL_MS, stopping.signal);
          continue;
        }
        const publisher = options.createPublisher();
        logger.info({ low: lease.low, epoch: lease.epoch }, 'the relay is active');
        lease.onBell(ring);
        try {
          await relayUnderLease(lease, publisher);
        } finally {
          await publisher.close();
        }
      } catch (error) {
        failures += 1;
        failingSince ??= time.now();
        if (!abandoning.signal.aborted) logger.warn({ err: error }, 'the relay starts anew');
        await pause(backoffMs(failures, { initialMs: 50, maximumMs: 2_000 }), stopping.signal);
      } finally {
        await lease?.release();
      }
    }
  };

  return {
    start() {
      running ??= run();
    },
    offer(row) {
      if (window?.offer(row) === false) rung = true;
      hasOffer = true;
      sleeper.wake();
    },
    get active() {
      return window !== undefined;
    },
    get pending() {
      return window?.pending ?? 0;
    },
    get blockedSince() {
      const isSlow = sendingSince !== undefined && time.now() - sendingSince > SLOW_MS;
      return failingSince ?? (isSlow ? sendingSince : undefined);
    },
    async stop(graceMs) {
      const callOff = time.after(graceMs, () => abandoning.abort());
      stopping.abort();
      ring();
      await running;
      callOff();
    },
  };
}

interface LookRow {
  readonly xmin: string;
  readonly position: number | null;
  readonly entry: Buffer;
}

function toLook(rows: readonly LookRow[]): OutboxLook {
  const [first] = rows;
  if (first === undefined) throw new TypeError('a look answers one row at least');
  return {
    xmin: BigInt(first.xmin),
    rows: rows.flatMap(({ position, entry }) => (position === null ? [] : [{ position, entry }])),
  };
}

/** Truncates the slots that hold nothing but acknowledged entries and are two or more behind: the rest is kept to be looked at. */
async function clearSlots(lease: Lease, low: number, cleared: number): Promise<number> {
  const current = Math.floor(low / SLOT_SIZE);
  const first = Math.max(0, cleared - 2, current - SLOTS + 2);
  for (let segment = first; segment <= current - 2; segment += 1) {
    if (!(await lease.clearSlot(segment % SLOTS, low))) return segment;
  }
  return current;
}

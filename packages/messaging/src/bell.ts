import type { Queryable, Statement } from './database.ts';
import type { OutboxRow } from './outbox.ts';
import type { Relay } from './relay.ts';
import { BELL_CHANNEL } from './relay-lease.ts';

const RING: Statement = { name: 'relay-ring', text: "SELECT pg_notify($1, '')" };

/** Tells the relay of a new entry: by hand if it is active here, else by NOTIFY, never more than one at a time. */
export function createBell(
  database: Queryable,
  relay: Pick<Relay, 'active' | 'offer'>,
): (row: OutboxRow) => void {
  let ringing = false;
  let again = false;
  const notify = async () => {
    ringing = true;
    do {
      again = false;
      // Outside of any transaction that did work, so that no commit waits for its lock. The relay polls, too.
      await database.query(RING, [BELL_CHANNEL]).catch(() => undefined);
    } while (again);
    ringing = false;
  };
  return (row) => {
    if (relay.active) relay.offer(row);
    else if (ringing) again = true;
    else void notify();
  };
}

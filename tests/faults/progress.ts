import type { System } from './system.ts';
import type { Workload } from './workload.ts';

const EVERY_MS = 3_000;

/** Tells every few seconds how far the orders are. Call what it answers to end it. */
export function tellProgress(system: System, workload: Workload): () => void {
  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();

  async function look(): Promise<void> {
    system.say(`${workload.sent} sent, ${workload.accepted.size} accepted, ${await countEnded(system)}`);
  }

  return () => clearInterval(timer);
}

/** `120 at their end, 7 pending`, or that nobody can say. */
export async function countEnded({ databases }: System): Promise<string> {
  const counting = `SELECT count(*) FILTER (WHERE status <> 'PENDING') AS ended, count(*) AS placed FROM orders`;
  try {
    const [row] = await databases.query<{ ended: number; placed: number }>('order', counting);
    return row === undefined ? '' : `${row.ended} at their end, ${row.placed - row.ended} pending`;
  } catch {
    return 'the database is away';
  }
}

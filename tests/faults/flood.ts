import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createOrderRequest, send } from '@skald/testkit';

export interface FloodAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly orderId: string | undefined;
}

/** Until who was refused comes again, ms: sooner than was asked for, as a bad client would. */
const IMPATIENCE_MS = 50;

/** So many callers at once, each of whom places the next order as soon as the last has its answer; for so long, ms. */
export async function flood(
  url: string,
  { callers, ms, onAnswer }: { callers: number; ms: number; onAnswer(answer: FloodAnswer): void },
): Promise<void> {
  const until = Date.now() + ms;
  const call = async () => {
    while (Date.now() < until) {
      const { status, headers, body } = await send<{ orderId?: string }>(`${url}/orders`, {
        method: 'POST',
        headers: { 'idempotency-key': `"${randomUUID()}"` },
        body: createOrderRequest(),
        timeoutMs: 60_000,
      });
      onAnswer({ status, retryAfter: headers.get('retry-after'), orderId: body?.orderId });
      if (status !== 202) await pause(IMPATIENCE_MS);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
}

export interface MemoryWatch {
  /** The highest resident memory of each process since the watch began, MB. */
  stop(): Promise<Readonly<Record<string, number>>>;
}

/** Looks four times a second how much memory processes take. */
export function watchMemory(pids: Readonly<Record<string, number>>): MemoryWatch {
  const highest: Record<string, number> = {};
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const [name, pid] of Object.entries(pids))
        highest[name] = Math.max(highest[name] ?? 0, residentMb(pid));
      await pause(250);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return highest;
    },
  };
}

/** Rounded; 0 for a process that is gone. */
function residentMb(pid: number): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Math.round((Number(pages) * 4_096) / 1_048_576);
  } catch {
    return 0;
  }
}

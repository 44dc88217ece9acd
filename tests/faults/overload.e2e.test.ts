import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { serviceNames } from '@skald/contracts';
import { checkInvariants, createOrderRequest, eventually, send, waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { useSystem } from './system.ts';
import { tally } from './workload.ts';

const MAX_IN_FLIGHT = 100;
/** Callers at once: each sends its next order as soon as it has an answer. */
const CALLERS = 300;
const FLOOD_MS = 15_000;
const HEAP_MB = 96;
/** Above the heap's limit, what the process takes besides: code, stacks, buffers, MB. */
const BESIDE_MB = 110;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly orderId: string | undefined;
}

describe('a flood', () => {
  const system = useSystem('overload', {
    environment: { order: { HTTP_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT) } },
    nodeArguments: [`--max-old-space-size=${HEAP_MB}`],
  });

  /** Resident memory of each service, MB. */
  const memory = () =>
    Object.fromEntries(
      serviceNames.map((name) => [name, residentMb(system.stack.addresses.pids[name] ?? 0)] as const),
    );

  async function flood(answers: Answer[], ms: number): Promise<void> {
    const url = `${system.stack.addresses.services['order']}/orders`;
    const until = Date.now() + ms;
    const call = async () => {
      while (Date.now() < until) {
        const headers = { 'idempotency-key': `"${randomUUID()}"` };
        const body = createOrderRequest();
        const answer = await send<{ orderId?: string }>(url, {
          method: 'POST',
          headers,
          body,
          timeoutMs: 60_000,
        });
        answers.push({
          status: answer.status,
          retryAfter: answer.headers.get('retry-after'),
          orderId: answer.body?.orderId,
        });
        // Who was refused comes again soon, as a bad client would: the flood goes on.
        if (answer.status !== 202) await pause(50);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, call));
  }

  it('is answered with 202 or, beyond what is taken at once, with 503 and Retry-After; memory stays flat', async () => {
    const { stack, say } = system;
    const pids = { ...stack.addresses.pids };
    const answers: Answer[] = [];
    const highest: Record<string, number> = {};
    const watching = new AbortController();
    const watched = (async () => {
      while (!watching.signal.aborted) {
        for (const [name, mb] of Object.entries(memory())) highest[name] = Math.max(highest[name] ?? 0, mb);
        await pause(250);
      }
    })();
    await flood(answers, FLOOD_MS);
    say(`answers: ${tally(answers.map(({ status }) => String(status)))}`);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(
      new Set(['503 1']),
    );
    const accepted = answers.flatMap(({ orderId }) => orderId ?? []);
    expect(accepted.length).toBeGreaterThan(100);
    // All that was taken in comes to its end, and nobody has died of it.
    await waitForRest(stack.addresses, accepted, { timeoutMs: 180_000 });
    watching.abort();
    await watched;
    say(
      `highest resident memory: ${Object.entries(highest)
        .map(([name, mb]) => `${name} ${mb} MB`)
        .join(', ')}`,
    );
    expect(stack.addresses.pids).toEqual(pids);
    for (const mb of Object.values(highest)) expect(mb).toBeLessThan(HEAP_MB + BESIDE_MB);
    // Outbox and parking are where they were: everything marked as sent, nothing parked, no effect left.
    await eventually(async () => expect(await depths()).toEqual([0]), { what: 'the outboxes are empty' });
  });

  async function depths(): Promise<number[]> {
    const rows = await system.databases.queryAll<{ depth: number }>(
      `SELECT (SELECT count(*) FROM messaging.outbox WHERE position > (SELECT low FROM messaging.relay))
            + (SELECT count(*) FROM messaging.parked WHERE state = 'parked')
            + (SELECT count(*) FROM messaging.effects) AS depth`,
    );
    return [...new Set([...rows].flatMap(([, found]) => found.map(({ depth }) => Number(depth))))];
  }

  it('doesn’t keep a service from stopping in order, within 10 s', async () => {
    const { stack, say } = system;
    const answers: Answer[] = [];
    const flooding = flood(answers, FLOOD_MS / 2).catch(() => undefined);
    await eventually(() => answers.length > 100, { what: 'the flood has begun' });
    const toldAt = Date.now();
    const exit = await stack.kill('order', 'SIGTERM');
    const tookMs = Date.now() - toldAt;
    say(`order ended with ${exit?.code ?? exit?.signal} after ${tookMs} ms`);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(10_000);
    await flooding;
    await stack.ready('order');
    const accepted = answers.flatMap(({ orderId }) => orderId ?? []);
    await waitForRest(stack.addresses, accepted, { timeoutMs: 180_000 });
    const violations = await checkInvariants(stack.addresses, { accepted });
    expect(violations.slice(0, 20)).toEqual([]);
  });
});

/** MB, rounded. */
function residentMb(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Math.round((Number(pages) * 4_096) / 1_048_576);
}

import { audit } from '@skald/auditor';
import { serviceNames } from '@skald/contracts';
import { eventually, waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { type FloodAnswer, flood, watchMemory } from './flood.ts';
import { useSystem } from './use-system.ts';
import { tally } from './workload.ts';

const MAX_IN_FLIGHT = 100;
const CALLERS = 300;
const FLOOD_MS = 12_000;
/** Node's limit for what lives in the heap; above it a process takes code, stacks and buffers besides. MB. */
const HEAP_MB = 96;
const BESIDE_MB = 110;
const REST = { timeoutMs: 180_000 };

describe('a flood', () => {
  const system = useSystem('overload', {
    environment: { order: { HTTP_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT) } },
    nodeArguments: [`--max-old-space-size=${HEAP_MB}`],
  });
  const answers: FloodAnswer[] = [];
  const accepted = () => answers.flatMap(({ orderId }) => orderId ?? []);
  const floodOrders = (ms: number) =>
    flood(system.stack.addresses.services['order'] ?? '', {
      callers: CALLERS,
      ms,
      onAnswer: (answer) => answers.push(answer),
    });

  /** Entries that Kafka doesn't have, parked messages and open effects, each service's together. */
  async function leftOver(): Promise<number[]> {
    const rows = await system.databases.queryAll<{ count: number }>(
      `SELECT (SELECT count(*) FROM messaging.outbox WHERE position > (SELECT low FROM messaging.relay))
            + (SELECT count(*) FROM messaging.parked) + (SELECT count(*) FROM messaging.effects) AS count`,
    );
    return [...rows].flatMap(([, found]) => found.map(({ count }) => Number(count)));
  }

  it('is answered with 202 or, beyond what is taken at once, with 503 and Retry-After; memory stays flat', async () => {
    const { stack, say } = system;
    const { pids } = stack.addresses;
    const memory = watchMemory(
      Object.fromEntries(Object.entries(pids).filter(([name]) => serviceNames.some((own) => own === name))),
    );
    await floodOrders(FLOOD_MS);
    say(`answers: ${tally(answers.map(({ status }) => String(status)))}`);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(
      new Set(['503 1']),
    );
    expect(accepted().length).toBeGreaterThan(100);
    // All that was taken in comes to its end, and nobody has died of it.
    await waitForRest(stack.addresses, accepted(), REST);
    const highest = await memory.stop();
    say(`highest resident memory, MB: ${JSON.stringify(highest)}`);
    expect(stack.addresses.pids).toEqual(pids);
    expect(Object.keys(highest)).toHaveLength(serviceNames.length);
    for (const mb of Object.values(highest)) expect(mb).toBeLessThan(HEAP_MB + BESIDE_MB);
    await eventually(async () => expect(await leftOver()).toEqual(serviceNames.map(() => 0)));
  });

  it('doesn’t keep a service from stopping in order, within 10 s', async () => {
    const { stack, say } = system;
    const before = answers.length;
    // Who calls while nobody is there gets no answer at all, and gives up.
    const flooding = floodOrders(FLOOD_MS / 2).catch(() => undefined);
    await eventually(() => answers.length > before + 100, { what: 'the flood has begun' });
    const toldAt = Date.now();
    const exit = await stack.kill('order', 'SIGTERM');
    const tookMs = Date.now() - toldAt;
    say(`order ended with ${exit?.code ?? exit?.signal} after ${tookMs} ms`);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(10_000);
    await flooding;
    await stack.ready('order');
    await waitForRest(stack.addresses, accepted(), REST);
    const { violations } = await audit(stack.addresses, {
      accepted: accepted(),
      noPoison: true,
      mailboxIsWhole: true,
    });
    expect(violations.slice(0, 20)).toEqual([]);
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { createVitalsReader } from './vitals.ts';

/** As the kernel tells them: see packages/messaging/src/metrics.ts. */
const kernel = `# HELP messaging_outbox_depth Outbox positions drawn and not yet acknowledged by Kafka
messaging_outbox_depth 42
messaging_outbox_oldest_seconds 90.5
messaging_relay_active 1
messaging_consumer_lag{topic="orders.events",partition="0"} 3
messaging_consumer_lag{topic="orders.events",partition="1"} 4
messaging_parked_messages 2
messaging_messages_total{topic="orders.events",event="OrderCreated",outcome="applied"} 5
`;
const audit = `skald_audit_up 1
skald_audit_timestamp_seconds 1000
skald_audit_violations{invariant="10"} 3
skald_audit_violations{invariant="4"} 0
skald_audit_promise{invariant="10",promise="sequences rise without a gap"} 1
skald_audit_checked{invariant="10"} 17
skald_audit_orders{state="settled"} 4
skald_audit_orders{state="in flight"} 2
`;

const server = createServer((request, response) => {
  if (request.url === '/readyz') response.end('{"checks":[]}');
  else response.end(request.url?.startsWith('/audit') ? audit : kernel);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

it('a group tells its lag by topic, and how many events wait for its relay and for how long', async () => {
  const { services } = await createVitalsReader(
    { 'order-view': url, email: 'http://127.0.0.1:9' },
    undefined,
  ).read();
  expect(services.find(({ service }) => service === 'order-view')).toMatchObject({
    state: 'ready',
    group: {
      lag: { 'orders.events': 7 },
      outboxDepth: 42,
      outboxOldestSeconds: 90.5,
      parkedMessages: 2,
      perSecond: null,
    },
  });
  const stateOf = (name: string) => services.find(({ service }) => service === name)?.state;
  expect([stateOf('email'), stateOf('order')]).toEqual(['away', 'unknown']);
});

it('the auditor’s verdict names each broken promise, by its number and in words', async () => {
  const { audit: verdict } = await createVitalsReader({}, `${url}/audit`).read();
  expect(verdict).toMatchObject({
    state: 'audited',
    violations: 3,
    orders: 6,
    inFlight: 2,
    invariants: [{ invariant: '10', promise: 'sequences rise without a gap', checked: 17, violations: 3 }],
  });
});

it('an auditor that is away is no verdict', async () => {
  expect((await createVitalsReader({}, 'http://127.0.0.1:9').read()).audit).toEqual({ state: 'away' });
});

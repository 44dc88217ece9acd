import { setImmediate as turn } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { type AdmissionLimits, createAdmission } from './admission.ts';

const create = (limits: Partial<AdmissionLimits> = {}, metrics = new Registry()) =>
  createAdmission({ maxInFlight: 2, maxEventLoopDelay: 1_000, ...limits }, metrics);

test('requests beyond the bound are refused until one has left', async () => {
  const metrics = new Registry();
  const admission = create({}, metrics);
  expect([admission.enter(), admission.enter(), admission.enter()]).toEqual([
    undefined,
    undefined,
    'in-flight',
  ]);
  admission.leave();
  expect(admission.enter()).toBeUndefined();
  const text = await metrics.metrics();
  expect(text).toContain('http_server_requests_in_flight 2');
  expect(text).toContain('http_server_requests_refused_total{cause="in-flight"} 1');
});

describe('closing', () => {
  test('refuses newcomers and waits for the last one to leave', async () => {
    const admission = create();
    admission.enter();
    admission.enter();
    let isEmpty = false;
    const closed = admission.close().then(() => {
      isEmpty = true;
    });
    expect(admission.isClosed).toBe(true);
    expect(admission.enter()).toBe('stopping');
    admission.leave();
    await turn();
    expect(isEmpty).toBe(false);
    admission.leave();
    await closed;
  });

  test('waits for nobody where nobody is', async () => {
    await create().close();
  });
});

test('an event loop that takes too long for a turn refuses, and admits again once it is quick', async () => {
  const admission = create({ maxInFlight: 1_000, maxEventLoopDelay: 30 });
  expect(admission.enter()).toBeUndefined();
  await turn();
  block(60);
  await turn();
  await turn();
  expect(admission.enter()).toBe('event-loop');
  const isAdmitted = async () => {
    await turn();
    return admission.enter() === undefined;
  };
  await expect.poll(isAdmitted, { interval: 10 }).toBe(true);
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

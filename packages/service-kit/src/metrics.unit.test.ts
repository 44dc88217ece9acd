import { expect, test, vi } from 'vitest';
import { createHttp } from './http.ts';
import { createMetrics } from './metrics.ts';

test('the process has metrics of its own, without a timer that watches the event loop', async () => {
  const text = await createMetrics('order').metrics();
  expect(text).toContain('process_resident_memory_bytes{service="order"}');
  expect(text).toMatch(/nodejs_eventloop_utilization_ratio\{service="order"\} [\d.]+/);
  expect(text).not.toContain('nodejs_eventloop_lag_p99_seconds');
});

test('requests are measured once each, by route and never by URL', async () => {
  const { app } = await createHttp({ name: 'order' });
  app.get('/orders/:id', async () => ({}));
  await app.inject('/orders/4711');
  await app.inject('/orders/4712');
  await app.inject({ url: '/orders/4713', method: 'HEAD' });
  // An answer may be here before its last byte is known to be sent.
  await vi.waitFor(async () => {
    const { body } = await app.inject('/metrics');
    expect(body).toContain(
      'http_server_request_duration_seconds_count{method="GET",route="/orders/:id",status="200"} 2',
    );
    expect(body).toContain(
      'http_server_request_duration_seconds_count{method="HEAD",route="/orders/:id",status="200"} 1',
    );
    expect(body).not.toContain('/4711');
  });
  await app.close();
});

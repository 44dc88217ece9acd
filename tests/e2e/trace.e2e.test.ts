import { serviceNames } from '@skald/contracts';
import { createShop, eventually, type ReceivedSpan, startOtlpReceiver, waitForRest } from '@skald/testkit';
import { afterAll, expect, it } from 'vitest';
import { useSystem } from '../faults/use-system.ts';

const receiver = await startOtlpReceiver();
afterAll(() => receiver.close());
const system = useSystem('trace', {
  environment: { all: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' } },
});

/** The names from a span up to the first of its trace, that one first. */
function pathTo(span: ReceivedSpan, spans: readonly ReceivedSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentId);
  return [...(parent === undefined ? [] : pathTo(parent, spans)), span.name];
}

it('One trace leads without a break from the POST to the mails', async () => {
  const { addresses } = system.stack;
  const shop = createShop(addresses);
  const { orderId } = await shop.placeOrder();
  await waitForRest(addresses, [orderId]);
  const ofOrder = () => {
    const post = receiver.spans.find(({ name }) => name === 'POST /orders');
    return receiver.spans.filter(({ traceId }) => traceId === post?.traceId);
  };
  await eventually(() => ofOrder().filter(({ name }) => name === 'order MailSent').length === 2);

  const spans = ofOrder();
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(serviceNames));
  // Whatever there is hangs under the POST.
  expect(new Set(spans.map((span) => pathTo(span, spans)[0]))).toEqual(new Set(['POST /orders']));
  const mails = spans.filter(({ name }) => name === 'order MailSent').map((span) => pathTo(span, spans));
  expect(
    mails.map((path) => path.filter((name) => !name.startsWith('order ') || name === 'order MailSent')),
  ).toEqual(
    expect.arrayContaining([
      [
        'POST /orders',
        'email EmailNotification',
        'email mail/order-confirmation',
        'email mail/order-confirmation',
        'order MailSent',
      ],
    ]),
  );
});

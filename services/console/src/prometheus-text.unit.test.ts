import { expect, it } from 'vitest';
import { parseMetrics } from './prometheus-text.ts';

it('figures are read with their labels, and what is no figure is passed over', () => {
  const text = [
    '# HELP messaging_consumer_lag Records',
    '# TYPE messaging_consumer_lag gauge',
    'messaging_consumer_lag{topic="orders.events",partition="3",service="payment"} 17',
    'odd{text="a \\"quoted\\", {thing}\\n\\\\"} 1.5e3 1700000000',
    'plain 0',
    '',
    'no figure',
  ].join('\n');
  expect(parseMetrics(text)).toEqual([
    {
      name: 'messaging_consumer_lag',
      labels: { topic: 'orders.events', partition: '3', service: 'payment' },
      value: 17,
    },
    { name: 'odd', labels: { text: 'a "quoted", {thing}\n\\' }, value: 1_500 },
    { name: 'plain', labels: {}, value: 0 },
  ]);
});

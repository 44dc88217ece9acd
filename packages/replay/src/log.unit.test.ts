import { expect, it } from 'vitest';
import { keptTopics, orderTopics } from './log.ts';

it('A replay reads what the saga says, and no view of it', () => {
  expect([...keptTopics].sort()).toEqual([
    'email.events',
    'inventory.events',
    'orders.events',
    'payments.events',
    'shipping.events',
  ]);
  expect(orderTopics).not.toContain('orders.read-model');
});

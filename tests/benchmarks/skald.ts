import type { Stack } from '@skald/local-stack';
import { type Contender, fetchStock, serviceNames } from './contender.ts';

/** Skald's five services, as the stack runs them. */
export function describeSkald(stack: Stack): Contender {
  const { services, kafka } = stack.addresses;
  const { order = '', inventory = '' } = services;
  const trees = [...serviceNames, 'kafka', 'postgres', 'registry'];
  return {
    name: 'skald',
    target: { url: order, brokers: kafka.brokers, topic: 'orders.events', format: 'cloudevents' },
    databaseUrl: stack.administratorUrl,
    pids: () => Object.fromEntries(trees.map((name) => [name, stack.pid(name) ?? 0])),
    stockOf: (sku) => fetchStock(inventory, sku),
    stop: () => stack.stop(),
  };
}

/** Payments are made up inside the service and mails are thrown away, so that the saga alone is measured. */
export const skaldEnvironment = {
  payment: { PAYMENT_PROVIDER: 'inside' },
  email: { MAIL_TRANSPORT: 'discard' },
  all: { LOG_LEVEL: 'warn' },
} as const;

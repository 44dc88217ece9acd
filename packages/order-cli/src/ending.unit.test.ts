import { describe, expect, it } from 'vitest';
import { exampleOrders } from '../tests/example-orders.ts';
import { isOver, untilOver } from './ending.ts';
import type { Order } from './order.ts';

const { placed, onItsWay, confirmed, cancelled, refunded } = exampleOrders;

async function* orders(...all: readonly Order[]): AsyncGenerator<Order, void> {
  yield* all;
}

/** Nothing comes behind them. */
async function* stalled(...all: readonly Order[]): AsyncGenerator<Order, void> {
  yield* all;
  await new Promise(() => undefined);
}

describe('An order is over', () => {
  it('when its end is said, and nothing of it is to come', () => {
    const shipping: Order = { ...confirmed, remaining: [{ service: 'inventory', verb: 'ship' }] };
    expect([placed, onItsWay, shipping, confirmed].map(isOver)).toEqual([false, false, false, true]);
  });

  it('not when it was cancelled while a charge may be in flight', () => {
    expect([cancelled, refunded].map(isOver)).toEqual([false, true]);
  });

  it('when it was cancelled before anything could be under way', () => {
    const steps = cancelled.steps.filter(({ service }) => service !== 'inventory');
    const refused: Order['steps'][number] = {
      ...(onItsWay.steps[1] as Order['steps'][number]),
      event: 'StockReservationFailed',
    };
    expect(isOver({ ...cancelled, steps: [...steps, refused] })).toBe(true);
  });
});

describe('Following an order', () => {
  const follow = async (source: AsyncGenerator<Order, void>) => {
    const told: number[] = [];
    const last = await untilOver(source, ({ version }) => told.push(version), 5);
    return { told, last };
  };

  it('ends once it is over, whatever would still come', async () => {
    expect(await follow(orders(placed, onItsWay, confirmed, placed))).toEqual({
      told: [placed.version, onItsWay.version, confirmed.version],
      last: confirmed,
    });
  });

  it('waits for a charge that may be in flight', async () => {
    expect((await follow(orders(cancelled, refunded, placed))).last).toBe(refunded);
  });

  it('doesn’t wait for ever for what may never have been', async () => {
    expect((await follow(stalled(placed, cancelled))).last).toBe(cancelled);
  });
});

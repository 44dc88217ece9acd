import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProgress } from '../tests/fake-progress.ts';
import { createdAt, logger, orderCreated } from '../tests/given.ts';
import { createTestDatabase, stack, type TestDatabase } from '../tests/infrastructure.ts';
import { client, provisioned, uniqueKey } from '../tests/kafka.ts';
import { createEventWriter, createKernelOf, type RealKernel } from '../tests/real-kernel.ts';
import { type Change, tally, type World } from '../tests/tally.ts';
import { pause } from './backoff.ts';
import { createCodec } from './codec.ts';
import { createConsumer } from './consumer.ts';
import type { Input } from './input.ts';
import type { LogClient } from './log-client.ts';
import type { Decision, NewEvent } from './reactor.ts';
import { createRegistry } from './registry.ts';

let database: TestDatabase;
let kernel: RealKernel | undefined;

beforeAll(async () => {
  await provisioned();
});
beforeEach(async () => {
  database = await createTestDatabase(false);
});
afterEach(async () => {
  await kernel?.stop();
  kernel = undefined;
  await database.drop();
});

/** A service that reads nothing, as its Kafka is away: commands and outcomes are enough. */
async function start(decide: (world: World, input: Input) => Decision<Change>): Promise<RealKernel> {
  const started = createKernelOf({ ...tally, decide }, database.url, { brokers: ['127.0.0.1:1'] });
  kernel = started;
  await started.start();
  return started;
}
const order = ({ submit }: RealKernel, key = uuidv7()) => submit({ name: 'order', key, data: undefined });
const parked = () => database.query('SELECT FROM messaging.parked');

const charge = (orderId: string): Decision<Change> => ({
  outcome: 'apply',
  change: { orderId, by: 1 },
  effects: [{ kind: 'charge', id: orderId, data: { orderId } }],
});

describe('a service', () => {
  it.each([
    [
      'the rules can not take in',
      'OUTCOME_REFUSED',
      () => {
        throw new Error('no such transition');
      },
    ],
    [
      'can not be saved',
      'OUTCOME_NOT_SAVED',
      (orderId: string): Decision<Change> => ({ outcome: 'apply', change: { orderId, by: -1_000 } }),
    ],
  ])('that gets an outcome which %s ends', async (_what, code, take) => {
    const service = await start((_world, { kind, key }) => (kind === 'outcome' ? take(key) : charge(key)));
    await order(service);
    await expect(service.failed).rejects.toMatchObject({ code });
    expect(await parked()).toEqual([]);
    // It is there for the build that can take it in.
    expect(await database.query('SELECT FROM messaging.effects')).toHaveLength(1);
  });

  const paid = (orderId: string, key = orderId): NewEvent => ({
    name: 'PaymentCompleted',
    key,
    data: {
      orderId,
      paymentId: orderId,
      chargeId: 'charge-1',
      amount: { amount: 1, currency: 'EUR' },
      completedAt: createdAt,
    },
  });
  it.each([
    ['under a key that it has not locked', 'KEY_NOT_LOCKED', (key: string) => paid(key, 'another')],
    [
      'what another service owns',
      'UNKNOWN_TOPIC',
      (key: string): NewEvent => ({
        name: 'ShipmentFailed',
        key,
        data: { orderId: key, code: 'ADDRESS_UNSERVICEABLE', failedAt: createdAt },
      }),
    ],
    [
      'into a topic that it only reads',
      'NOT_A_WRITER',
      (key: string): NewEvent => ({ name: 'OrderCreated', key, data: orderCreated({ orderId: key }) }),
    ],
  ])('that publishes %s ends', async (_what, code, event) => {
    const service = await start((_world, { key }) => ({
      outcome: 'apply',
      change: { orderId: key, by: 1 },
      events: [event(key)],
    }));
    await expect(order(service)).rejects.toMatchObject({ code });
    await expect(service.failed).rejects.toMatchObject({ code });
    expect(await database.query('SELECT FROM tallies')).toEqual([]);
  });

  it('that writes what is not registered does not start', async () => {
    const registry = createRegistry(stack.addresses.registry);
    const codec = createCodec({
      ...registry,
      idOf: (subject, schema) => registry.idOf(`${uniqueKey()}.${subject}`, schema),
    });
    await expect(codec.start(['OrderCreated'])).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
  });

  it('whose client delivers nothing any more ends', async () => {
    const writer = await createEventWriter('OrderCreated');
    const records = Array.from({ length: 100 }, () => writer.toRecord('OrderCreated', orderCreated()));
    await writer.send(records);
    await writer.close();
    const deaf: LogClient = {
      ...client,
      consume: ({ handler, ...rest }) =>
        client.consume({
          ...rest,
          handler: { ...handler, onRecords: () => pause(50).then(() => false) },
        }),
    };
    const wedged: Error[] = [];
    const consumer = createConsumer({
      client: deaf,
      group: uniqueKey(),
      topics: ['orders.events'],
      reactor: {},
      codec: createCodec(createRegistry(stack.addresses.registry)),
      logger,
      loop: { add: () => undefined, waiting: 0, turn: undefined, heldUpBy: undefined },
      progress: createFakeProgress().of('this process'),
      watchMs: 200,
      onLag: () => undefined,
      onWedged: (error) => wedged.push(error),
    });
    consumer.start();
    await eventually(() => wedged.length > 0);
    expect(wedged[0]?.message).toMatch(/no progress in orders\.events\/\d/);
    await consumer.stop();
  });
});

describe('commands', () => {
  it('are refused while too many wait, and while too much waits for Kafka', async () => {
    const service = await start((_world, { key }) => ({
      outcome: 'apply',
      change: { orderId: key, by: 1 },
      reply: 'done',
    }));
    const answers = await Promise.allSettled(Array.from({ length: 2_001 }, () => order(service)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2_000);
    expect(answers.at(-1)).toMatchObject({ reason: { code: 'TOO_MANY_COMMANDS', retryAfterSeconds: 1 } });

    await database.query("SELECT setval('messaging.outbox_position', 30000)");
    await eventually(() => service.status().outboxDepth > 20_000);
    await expect(order(service)).rejects.toMatchObject({ code: 'OUTBOX_FULL', retryAfterSeconds: 5 });
  });
});

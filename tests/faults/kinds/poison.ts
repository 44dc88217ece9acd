import { randomUUID } from 'node:crypto';
import type { TopicRecord } from '@skald/auditor';
import {
  dlqTopic,
  type EventName,
  eventNames,
  type RecordSchema,
  readersOf,
  type ServiceName,
  schemaOf,
  subjectOf,
  type TopicName,
  topics,
  typeFor,
} from '@skald/contracts';
import { ask, eventually, send } from '@skald/testkit';
import { type Poison, poisonFor } from '../../e2e/poison-records.ts';
import type { FaultKind, Field } from '../fault.ts';
import { publish } from '../publishing.ts';
import { withReader } from '../reading.ts';

/** Until every group has parked what it can't handle, ms: somebody may be away just now. */
const PATIENCE_MS = 240_000;

/**
 * Every kind of poison in a topic, each under a key of its own. Nothing comes behind it: once it is discarded, it would be
 * taken in, and be about an order that never was.
 */
export const poisonEverywhere: FaultKind = {
  name: 'poison of every kind',
  family: 'log',
  targets: () => Object.values(topics).flatMap(({ name }) => (readersOf(name).length > 0 ? [name] : [])),
  async fire(field, { target }) {
    const ids = await schemaIds(field);
    const poisons = poisonFor(target as TopicName, (name) => ids.get(name) ?? 0);
    for (const { key } of poisons) field.planted.add(key);
    await publish(field.kafka, poisons);
    return {
      'poison messages': poisons.length,
      'dead letters': await deadLettersOf(field, poisons),
    };
  },
};

/** Registers what its readers could not read, and is refused; writes it all the same, under a schema of its own. */
export const incompatibleProducer: FaultKind = {
  name: 'incompatible producer',
  family: 'log',
  targets: () => ['orders.events'],
  async fire(field, { target }) {
    const registry = field.stack.addresses.registry;
    const schema = schemaOf('OrderCreated');
    const retyped: RecordSchema = {
      ...schema,
      fields: schema.fields.map((one) => (one.name === 'customerId' ? { ...one, type: 'long' } : one)),
    };
    const register = (subject: string) =>
      send<{ id: number }>(`${registry}/subjects/${subject}/versions`, {
        method: 'POST',
        body: { schema: JSON.stringify(retyped) },
      });
    const refusal = await eventually(() => register(subjectOf('OrderCreated')), { timeoutMs: PATIENCE_MS });
    const { body } = await eventually(() => register(`faults.${randomUUID()}`), { timeoutMs: PATIENCE_MS });
    const poison = recordOf(target as TopicName, retyped, body.id);
    field.planted.add(poison.key);
    await publish(field.kafka, [poison]);
    return {
      'refusals by the registry': refusal.status === 409 ? 1 : 0,
      'dead letters': await deadLettersOf(field, [poison]),
    };
  },
};

/** A good-looking event whose customer is a number. */
function recordOf(topic: TopicName, schema: RecordSchema, id: number): Poison {
  const [like] = poisonFor(topic, () => id);
  if (like === undefined) throw new Error(`There is no poison for ${topic}`);
  const key = randomUUID();
  const data = {
    orderId: key,
    customerId: 4_711,
    lines: [],
    total: { amount: 1, currency: 'EUR' },
    paymentMethod: 'tok_visa',
    createdAt: Date.now(),
  };
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  const value = Buffer.concat([prefix, typeFor(schema).toBuffer(data)]);
  return { ...like, key, value, groups: readersOf(topic) };
}

async function schemaIds({ stack }: Field): Promise<ReadonlyMap<EventName, number>> {
  const idOf = (name: EventName) =>
    eventually(
      async () => {
        const subject = `${stack.addresses.registry}/subjects/${subjectOf(name)}`;
        const body = { schema: JSON.stringify(schemaOf(name)) };
        return (await ask<{ id: number }>(subject, { method: 'POST', body })).id;
      },
      { timeoutMs: PATIENCE_MS, what: 'the registry answers' },
    );
  return new Map(await Promise.all(eventNames.map(async (name) => [name, await idOf(name)] as const)));
}

/** Waits for one of every group that can't handle it. Answers how many there are. */
async function deadLettersOf({ stack }: Field, poisons: readonly Poison[]): Promise<number> {
  const places = poisons.flatMap(({ topic, key, groups }) =>
    groups.map((group: ServiceName) => ({ topic: dlqTopic(topic, group), key })),
  );
  const wanted = new Set(places.map(({ topic, key }) => `${topic} ${key}`));
  const names = [...new Set(places.map(({ topic }) => topic))];
  return await eventually(
    async () => {
      const letters = await withReader(stack.addresses, (reader) => reader.read(names));
      const found = new Set(letters.map(placeOf).filter((place) => wanted.has(place)));
      if (found.size < wanted.size) throw new Error(`${found.size} of ${wanted.size} are there`);
      return found.size;
    },
    { timeoutMs: PATIENCE_MS, everyMs: 500, what: 'all dead letters are there' },
  );
}

const placeOf = ({ topic, key }: TopicRecord): string => `${topic} ${key?.toString() ?? ''}`;

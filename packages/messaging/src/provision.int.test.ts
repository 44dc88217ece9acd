import { createTopicReader } from '@skald/auditor';
import { deadLetterTopics, schemaOf, subjectOf, topics } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { stack } from '../tests/infrastructure.ts';
import { client, provisioned, uniqueKey } from '../tests/kafka.ts';
import { FatalError, PoisonError, TransientError } from './errors.ts';
import { createRegistry } from './registry.ts';

const registry = createRegistry(stack.addresses.registry);

beforeAll(async () => {
  await provisioned();
});

describe('provisioning', () => {
  it('creates every topic and dead letter topic with the partitions of the catalogue', async () => {
    const reader = createTopicReader(stack.addresses);
    const wanted = [...Object.values(topics), ...deadLetterTopics];
    const ends = await reader.ends(wanted.map(({ name }) => name));
    for (const { name, partitions } of wanted) {
      expect([name, ends.filter(({ topic }) => topic === name).length]).toEqual([name, partitions]);
    }
    await reader.close();
  });

  it('changes nothing the second time', async () => {
    expect(await provisioned()).toEqual([]);
  });

  it('is refused by the registry for a schema that old readers could not read', async () => {
    const subject = `skald.test.${uniqueKey()}`;
    const first = { type: 'record', name: 'Test', fields: [{ name: 'a', type: 'string' }] };
    const evolved = {
      ...first,
      fields: [...first.fields, { name: 'b', type: ['null', 'string'], default: null }],
    };
    const broken = { ...first, fields: [...first.fields, { name: 'b', type: 'string' }] };
    const id = await registry.register(subject, first);
    expect(await registry.register(subject, first)).toBe(id);
    await registry.register(subject, evolved);
    await expect(registry.register(subject, broken)).rejects.toThrow(FatalError);
    await expect(registry.register(subject, broken)).rejects.toMatchObject({ code: 'SCHEMA_REFUSED' });
  });
});

describe('the registry', () => {
  it('answers the schema of an id, the id of a schema, and that there is none', async () => {
    const id = await registry.idOf(subjectOf('OrderCreated'), schemaOf('OrderCreated'));
    expect((await registry.typeOf(id ?? -1))?.name).toBe('skald.orders.OrderCreated');
    expect(await registry.typeOf(2_000_000_000)).toBeUndefined();
    const other = { type: 'record', name: 'Other', fields: [] };
    expect(await registry.idOf(subjectOf('OrderCreated'), other)).toBeUndefined();
    expect(await registry.idOf(`skald.test.${uniqueKey()}`, other)).toBeUndefined();
  });

  it('that is not there is an outage, whatever its client makes of it', async () => {
    const nobody = createRegistry('http://127.0.0.1:1/apis/ccompat/v7');
    await expect(nobody.typeOf(1)).rejects.toThrow(TransientError);
    await expect(nobody.idOf('any', schemaOf('OrderCreated'))).rejects.toThrow(TransientError);
    await expect(nobody.register('any', schemaOf('OrderCreated'))).rejects.toThrow(TransientError);
    await expect(nobody.typeOf(1)).rejects.not.toThrow(PoisonError);
  });
});

describe('Kafka that is not there', () => {
  it('is an outage, and leaves no connection behind', async () => {
    const { createKafkaClient } = await import('./kafkajs-client.ts');
    const { logger } = await import('../tests/given.ts');
    const nobody = createKafkaClient({ clientId: 'test', brokers: ['127.0.0.1:1'] }, logger);
    await expect(nobody.admin()).rejects.toThrow(TransientError);
    await expect(nobody.producer({ id: 'nobody', transactions: false })).rejects.toThrow(TransientError);
    const admin = await client.admin();
    await expect(admin.endOffsets(['no.such.topic'])).rejects.toThrow(TransientError);
    await admin.close();
  });
});

it('An admin that is closed while it is asked leaves no connection', async () => {
  const connections = () =>
    process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;
  const before = connections();
  for (let round = 0; round < 10; round += 1) {
    const admin = await client.admin();
    // Kafka has just started: its coordinator may still be loading.
    const asking = admin.committedOffsets('nobody', ['orders.events']).catch((error: unknown) => error);
    await admin.close();
    await asking;
  }
  await eventually(() => connections() <= before, { timeoutMs: 10_000 });
});

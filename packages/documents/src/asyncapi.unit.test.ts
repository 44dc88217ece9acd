import { Parser } from '@asyncapi/parser';
import { deadLetterTopics, eventNames, groups, topics } from '@skald/contracts';
import { Type } from 'avsc';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';

interface Channel {
  readonly address: string;
  messages: Record<string, unknown>;
  readonly bindings: { readonly kafka: { partitions: number; readonly topicConfiguration: object } };
}

interface Operation {
  readonly action: 'send' | 'receive';
  channel: { $ref: string };
  messages: { $ref: string }[];
  readonly bindings?: { readonly kafka: { readonly groupId: { readonly enum: readonly string[] } } };
}

interface Message {
  readonly headers: object;
  readonly payload: { readonly schemaFormat: string; schema: Record<string, unknown> };
}

interface Document {
  readonly channels: Record<string, Channel>;
  readonly operations: Record<string, Operation>;
  readonly components: { readonly messages: Record<string, Message> };
}

/** A copy of its own, to be broken. */
const create = (): Document => structuredClone(asyncApiDocument()) as unknown as Document;

/** The same with one topic alone. */
function createSmall(): Document {
  const document = create();
  const isAbout = ({ channel }: Operation) => channel.$ref === '#/channels/orders.events';
  const pick = <Part>(all: Record<string, Part>, keep: (part: Part, name: string) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([name, part]) => keep(part, name)));
  return {
    ...document,
    channels: pick(document.channels, ({ address }) => address === 'orders.events'),
    operations: pick(document.operations, isAbout),
    components: {
      ...document.components,
      messages: pick(document.components.messages, (_message, name) => name.startsWith('Order')),
    },
  };
}

/** The parser follows each of some hundred references: seconds, where the machine is busy. */
const PARSE_MS = 60_000;

const parser = new Parser();

/** What is wrong with it: errors and warnings, not advice. */
async function flawsOf(document: Document): Promise<string[]> {
  const { diagnostics } = await parser.parse(JSON.stringify(document));
  return diagnostics
    .filter(({ severity }) => severity <= 1)
    .map(({ path, message }) => `${path.join('/')}: ${message}`);
}

const { channels, operations, components } = create();

describe('the AsyncAPI document', () => {
  it('is valid', { timeout: PARSE_MS }, async () => {
    expect(await flawsOf(create())).toEqual([]);
  });

  it('is valid with one topic alone', { timeout: PARSE_MS }, async () => {
    expect(await flawsOf(createSmall())).toEqual([]);
  });

  it.each<[string, (document: Document) => void]>([
    [
      'an operation on a topic that there is none',
      ({ operations: all }) => {
        for (const operation of Object.values(all)) operation.channel.$ref = '#/channels/nowhere';
      },
    ],
    [
      'a message that its topic does not carry',
      ({ operations: all }) => {
        all['order.sends.orders.events']?.messages.push({ $ref: '#/components/messages/OrderContact' });
      },
    ],
    [
      'no partitions',
      ({ channels: all }) => {
        for (const { bindings } of Object.values(all)) bindings.kafka.partitions = 0;
      },
    ],
    [
      'a record without fields',
      ({ components: { messages } }) => {
        delete messages['OrderCreated']?.payload.schema['fields'];
      },
    ],
  ])('would be refused with %s', { timeout: PARSE_MS }, async (_flaw, spoil) => {
    const document = createSmall();
    spoil(document);
    expect(await flawsOf(document)).not.toEqual([]);
  });

  it('has the schema of each event, as Avro reads it', () => {
    const { messages } = components;
    const events = Object.keys(messages).filter((name) => !name.startsWith('DeadLetter'));
    expect(events.sort()).toEqual([...eventNames].sort());
    for (const name of eventNames) {
      const { schemaFormat, schema } = messages[name]?.payload ?? { schemaFormat: '', schema: {} };
      expect(schemaFormat).toBe('application/vnd.apache.avro;version=1.9.0');
      expect(Type.forSchema(schema as never).name).toMatch(new RegExp(`^skald\\.[a-z]+\\.${name}$`));
    }
    expect(() => Type.forSchema({ type: 'record', name: 'X', fields: [{ name: 'y', type: 'Z' }] })).toThrow();
  });

  it('has each topic of the catalogue, with what it carries', () => {
    const names = [...Object.keys(topics), ...deadLetterTopics.map(({ name }) => name)];
    expect(Object.keys(channels).sort()).toEqual(names.sort());
    for (const { name, events, partitions } of Object.values(topics)) {
      expect(Object.keys(channels[name]?.messages ?? {})).toEqual(events);
      expect(channels[name]?.bindings.kafka.partitions).toBe(partitions);
    }
  });

  it('says who writes a topic, and which groups read it', () => {
    const of = (topic: string, action: Operation['action']) =>
      Object.entries(operations).filter(
        ([, operation]) => operation.channel.$ref === `#/channels/${topic}` && operation.action === action,
      );
    for (const { name, writer } of Object.values(topics)) {
      expect(of(name, 'send').map(([id]) => id)).toEqual([`${writer}.sends.${name}`]);
      const readers = Object.entries(groups).filter(([, read]) => read.some((topic) => topic === name));
      const ids = of(name, 'receive').flatMap(([, { bindings }]) => bindings?.kafka.groupId.enum ?? []);
      expect(ids.sort()).toEqual(readers.map(([reader]) => reader).sort());
    }
    for (const { name, writer } of deadLetterTopics) {
      expect(of(name, 'send').map(([id]) => id)).toEqual([`${writer}.sends.${name}`]);
      expect(of(name, 'receive').map(([id]) => id)).toEqual([`dead-letters.receives.${name}`]);
    }
  });

  it('tells what an event makes its reader do, and what else it waits for', () => {
    expect(operations['payment.receives.orders.events']).toMatchObject({
      description:
        '- `OrderCreated`: charge, once it has StockReserved, too\n- `OrderConfirmed`\n- `OrderCancelled`: refund',
    });
  });
});

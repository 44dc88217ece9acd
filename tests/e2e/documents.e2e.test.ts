import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createTopicReader } from '@skald/auditor';
import { companionNames, serviceNames, topics } from '@skald/contracts';
import { send } from '@skald/testkit';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, shop } from './system.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly example?: string | number;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Record<string, { examples: Record<string, { value: unknown }> }>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

interface Channel {
  readonly bindings: {
    readonly kafka: {
      readonly partitions: number;
      readonly topicConfiguration: Readonly<Record<string, number | readonly string[]>>;
    };
  };
}

interface AsyncApi {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<
    Record<string, { bindings?: { kafka: { groupId: { enum: readonly string[] } } } }>
  >;
  readonly components: {
    readonly schemas: { readonly EventHeaders: { readonly properties: object } };
    readonly messages: Readonly<Record<string, { headers: object }>>;
  };
}

const folder = fileURLToPath(new URL('../../docs/api/', import.meta.url));
const read = <Document>(path: string): Document =>
  JSON.parse(readFileSync(`${folder}/${path}`, 'utf8')) as Document;
const url = (service: string, path: string) => `${addresses.services[service]}${path}`;

/** The console knows who has logged in, on its own page; the services know who has the token. */
async function credentialsOf(service: string): Promise<Readonly<Record<string, string>>> {
  const token = addresses.operatorToken;
  if (service !== 'console') return { authorization: `Bearer ${token}` };
  const origin = url(service, '');
  const request = { method: 'POST', headers: { origin }, body: { token } };
  const { headers } = await send(url(service, '/api/session'), request);
  const [cookie = ''] = headers.getSetCookie();
  return { origin, cookie: cookie.split(';')[0] ?? '' };
}

describe.each([...serviceNames, ...companionNames])('%s', (service) => {
  const document = read<{ readonly paths: Paths }>(`openapi/${service}.json`);

  it('serves the document that is committed', async () => {
    const { body } = await send(url(service, '/openapi.json'));
    expect(body).toEqual(document);
  });

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  it.each(operations)('takes the examples of $method $path', async ({ path, method, operation }) => {
    const { parameters = [], requestBody } = operation;
    const of = (place: Parameter['in']) =>
      parameters.flatMap(({ in: at, name, example }) =>
        at === place && example !== undefined ? [[name, String(example)] as const] : [],
      );
    const filled = of('path').reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
    const target = url(
      service,
      `${filled}?${new URLSearchParams(Object.fromEntries(of('query'))).toString()}`,
    );
    const bodies = Object.values(requestBody?.content['application/json']?.examples ?? {});
    for (const body of bodies.length > 0 ? bodies.map(({ value }) => harmless(value)) : [undefined]) {
      // The example's is another order's.
      const key = { 'idempotency-key': crypto.randomUUID() };
      const headers = { ...Object.fromEntries(of('header')), ...key, ...(await credentialsOf(service)) };
      const answer = await send(target, { method: method.toUpperCase(), headers, body });
      expect(Object.keys(operation.responses)).toContain(String(answer.status));
      // It may be about what is not there; but it was understood.
      expect([400, 401, 413, 415, 500], answer.text).not.toContain(answer.status);
    }
  });

  it('has answered nothing yet that its document does not name', async () => {
    await refusals(service, document.paths);
    const { text } = await send(url(service, '/metrics'));
    const counted = text.match(/^http_server_request_duration_seconds_count\{.+\}/gm) ?? [];
    const seen = counted.map((series) => {
      const label = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(series)?.[1] ?? '';
      const path = label('route').replaceAll(/:(\w+)/g, '{$1}');
      return { path, method: label('method').toLowerCase(), status: label('status') };
    });
    expect(seen.length).toBeGreaterThan(2);
    const unnamed = seen
      .filter(({ path }) => !/^\/(?:docs|openapi\.json)/.test(path))
      .filter(({ path, method, status }) => document.paths[path]?.[method]?.responses[status] === undefined);
    expect(unnamed).toEqual([]);
  });
});

/** The example, about a message that nobody has: another test's is left alone. */
const harmless = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/"offset":\d+/g, '"offset":999999999')) as unknown;

/** Asks each path for what it must refuse: without a token, with a wrong parameter, with no body. */
async function refusals(service: string, paths: Paths): Promise<void> {
  const credentials = await credentialsOf(service);
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const target = url(service, path.replaceAll(/\{\w+\}/g, '-'));
      const request = { method: method.toUpperCase() };
      await send(`${target}?unknown=1`, request);
      await send(target, { ...request, headers: credentials });
      if (method === 'get' || method === 'delete') continue;
      await send(target, { ...request, headers: credentials, body: { unknown: 1 } });
      const asText = { ...credentials, 'content-type': 'text/plain' };
      await send(target, { ...request, headers: asText, body: 'x' });
    }
  }
}

describe('the topics', () => {
  const { channels, operations, components } = read<AsyncApi>('asyncapi.json');
  const kafka = new Kafka({ brokers: [...addresses.kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  it('are there, with the partitions and the retention of the document', async () => {
    const names = Object.keys(channels);
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    for (const [name, { bindings }] of Object.entries(channels)) {
      const { partitions, topicConfiguration } = bindings.kafka;
      expect(found.find((topic) => topic.name === name)?.partitions).toHaveLength(partitions);
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
      for (const [setting, wanted] of Object.entries(topicConfiguration)) {
        const { configValue } = entries.find(({ configName }) => configName === setting) ?? {};
        expect(configValue, `${name} ${setting}`).toBe(String(wanted));
      }
    }
  });

  it('are read by the groups of the document', async () => {
    const ids = Object.values(operations).flatMap(({ bindings }) => bindings?.kafka.groupId.enum ?? []);
    const { groups } = await admin.listGroups();
    expect(groups.map(({ groupId }) => groupId)).toEqual(expect.arrayContaining([...new Set(ids)]));
  });

  it('carry events with the headers of the document, and no others', async () => {
    const { orderId } = await shop.placeOrder();
    await shop.waitForEnd(orderId);
    const reader = createTopicReader(addresses);
    const records = (await reader.read(Object.keys(topics))).filter(({ key }) => key?.toString() === orderId);
    await reader.close();
    expect(new Set(records.map(({ topic }) => topic)).size).toBeGreaterThan(4);
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema(JSON.parse(JSON.stringify({ $id: 'document', components })) as object);
    const known = Object.keys(components.schemas.EventHeaders.properties);
    for (const { headers } of records) {
      const { headers: schema } = components.messages[headers['ce_type'] ?? ''] ?? { headers: {} };
      const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
      const check = ajv.compile(JSON.parse(text) as object);
      expect(check(headers), ajv.errorsText(check.errors)).toBe(true);
      expect(Object.keys(headers).filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { companionNames, serviceNames } from '@skald/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { documentedServices } from './openapi.ts';
import { FOLDER } from './outputs.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: object;
}

interface Media {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { description: string; content: Record<string, object> }>>;
}

interface Document {
  openapi?: string;
  readonly info: { readonly description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

const folder = join(fileURLToPath(new URL('../../..', import.meta.url)), FOLDER);
const read = (name: string): Document =>
  JSON.parse(readFileSync(join(folder, `openapi/${name}.json`), 'utf8')) as Document;

async function isValid(document: Document): Promise<boolean> {
  const validator = new Validator();
  const { valid } = await validator.validate(structuredClone(document) as object as Record<string, unknown>);
  if (!valid || validator.version !== '3.1') return false;
  try {
    validator.resolveRefs();
    return true;
  } catch {
    return false;
  }
}

const operationsOf = ({ paths }: Document): [string, Operation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );

/** Why a value doesn't fit a schema of the document; nothing if it does. */
function misfit(document: Document, schema: object, value: unknown): string | undefined {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const parts = { $id: 'document', components: document.components, $defs: { wanted: schema } };
  ajv.addSchema(JSON.parse(JSON.stringify(parts)) as object);
  const check = ajv.compile({ $ref: 'document#/$defs/wanted' });
  return check(value) ? undefined : ajv.errorsText(check.errors);
}

it('there is a document of every service', () => {
  expect([...documentedServices].sort()).toEqual([...serviceNames, ...companionNames].sort());
});

describe('a document that is broken is noticed:', () => {
  it.each<[string, (document: Document) => void]>([
    ['no version', (document) => delete document.openapi],
    [
      'a response without a description',
      ({ paths }) => Reflect.deleteProperty(paths['/orders']?.['get']?.responses['200'] ?? {}, 'description'),
    ],
    ['a schema that is not there', ({ components }) => delete components.schemas['Problem']],
  ])('%s', async (_flaw, spoil) => {
    const document = read('order');
    expect(await isValid(document)).toBe(true);
    spoil(document);
    expect(await isValid(document)).toBe(false);
  });

  it('an example that its schema refuses', () => {
    const document = read('order');
    const { content } = document.paths['/orders']?.['post']?.requestBody ?? { content: {} };
    const media = content['application/json'];
    const value = Object(media?.examples?.['confirmed']?.value);
    expect(misfit(document, media?.schema ?? {}, value)).toBeUndefined();
    expect(misfit(document, media?.schema ?? {}, { ...value, items: [] })).toContain('items');
  });
});

describe.each(documentedServices)('the API of %s', (name) => {
  const document = read(name);
  const operations = operationsOf(document);

  it('is valid OpenAPI 3.1, and begins by saying what the service is there for', async () => {
    expect(await isValid(document)).toBe(true);
    expect(document.info.description).toMatch(/^\S+ .+\n/);
  });

  it('has health and metrics', () => {
    const shared = ['get /livez', 'get /readyz', 'get /metrics'];
    expect(operations.map(([id]) => id)).toEqual(expect.arrayContaining(shared));
  });

  /** Its own session's cookie, which only its page has: no scheme for who reads the document. */
  const isForSession = (id: string) => name === 'console' && id === 'get /api/vitals';

  it.each(operations)('%s: says what it does, and what each answer means', (id, operation) => {
    expect([operation.summary, operation.description]).toEqual([
      expect.stringMatching(/\S/),
      expect.stringMatching(/\S/),
    ]);
    const { responses } = operation;
    expect(Object.keys(responses).filter((status) => status.startsWith('2'))).not.toEqual([]);
    expect(Object.values(responses).filter(({ description }) => !description)).toEqual([]);
    const problems = Object.entries(responses).filter(
      ([, { content }]) => 'application/problem+json' in content,
    );
    const statuses = problems.map(([status]) => status);
    expect(statuses).toEqual(expect.arrayContaining(['500', 'default']));
    const hasInput = operation.parameters !== undefined || operation.requestBody !== undefined;
    expect(statuses.includes('400')).toBe(hasInput);
    expect(statuses.includes('401')).toBe(operation.security !== undefined || isForSession(id));
    expect(statuses.includes('415')).toBe(operation.requestBody !== undefined);
  });

  it.each(operations)('%s: has requests to copy, which its own schemas take', (_id, operation) => {
    const { parameters = [], requestBody } = operation;
    expect(parameters.filter(({ description }) => !description).map(({ name: of }) => of)).toEqual([]);
    const needed = parameters.filter((parameter) => 'required' in parameter && parameter.required === true);
    expect(needed.filter(({ example }) => example === undefined).map(({ name: of }) => of)).toEqual([]);
    for (const { schema, example } of parameters.filter((parameter) => parameter.example !== undefined)) {
      expect(misfit(document, schema, example)).toBeUndefined();
    }
    if (requestBody === undefined) return;
    const { schema, examples = {} } = requestBody.content['application/json'] ?? { schema: {} };
    expect(Object.keys(examples)).not.toEqual([]);
    for (const { summary, value } of Object.values(examples)) {
      expect(summary).toMatch(/\S/);
      expect(misfit(document, schema, value)).toBeUndefined();
    }
  });
});

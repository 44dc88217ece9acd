import { STATUS_CODES } from 'node:http';
import type { SwaggerTransform, SwaggerTransformObject } from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { operations } from './health.ts';
import { isGuard } from './operator-guard.ts';
import { problemSchema } from './problem.ts';
import { examplesOf, parameterParts, type RouteDocs } from './route-docs.ts';

const transformZod = createJsonSchemaTransform({});
const transformObjectZod = createJsonSchemaTransformObject({});

type OpenApiDocument = ReturnType<typeof transformObjectZod>;
type OpenApi = Extract<OpenApiDocument, { readonly openapi?: unknown }>;
type Operation = NonNullable<NonNullable<NonNullable<OpenApi['paths']>[string]>['get']>;
type Examples = NonNullable<RouteDocs['examples']>;

export const securitySchemes = {
  operator: { type: 'http', scheme: 'bearer', description: 'The OPERATOR_TOKEN of the service' },
} as const;

/** How a route's examples travel to where they belong: @fastify/swagger loses them where a body has a name. */
const EXAMPLES = 'x-examples';

/** A route → its part of the document: what its schemas say, its examples, and every error that it can answer. */
export const transformRoute: SwaggerTransform = (document) => {
  const { route } = document;
  // A route without a schema has none, whatever its type says.
  const schema = { ...document.schema };
  if ('hide' in schema) return transformZod(document);
  const own: object = 'response' in schema ? Object(schema.response) : {};
  const problems = Object.fromEntries([...problemsOf(route), other].map(toResponse));
  const { schema: transformed, url } = transformZod({
    ...document,
    schema: { ...schema, response: { ...problems, ...own } },
  });
  const examples = route.config?.docs?.examples;
  return {
    schema: {
      ...transformed,
      ...parametersWithExamples(transformed, route),
      ...(examples && { [EXAMPLES]: examples }),
      ...(isGuarded(route) && { security: [{ operator: [] }] }),
    },
    url,
  };
};

/** Zod leaves out the examples of what it transforms; a parameter's are text, before any transformation. */
function parametersWithExamples(transformed: object, route: RouteOptions): object {
  const parts = new Map(Object.entries(transformed));
  const changed = parameterParts.map((part) => {
    const { properties, ...rest }: { properties?: Record<string, object> } = Object(parts.get(part));
    const given = Object.entries(properties ?? {}).map(([name, schema]) => {
      const examples = examplesOf(route, part, name);
      return [name, examples.length > 0 ? { ...schema, examples } : schema];
    });
    return [part, { ...rest, properties: Object.fromEntries(given) as object }] as const;
  });
  return Object.fromEntries(changed.filter(([part]) => parts.has(part)));
}

export const transformDocument: SwaggerTransformObject = (input) => {
  const document = withoutUnused(transformObjectZod(input));
  if (!('openapi' in document)) return document;
  for (const operation of operationsOf(document)) {
    giveExamples(operation);
    describeResponses(operation);
  }
  return ownFirst(document);
};

const problemType = 'application/problem+json';

type ProblemCase = readonly [status: string, description: string];

const other: ProblemCase = ['default', 'Any other problem'];

/** Of any route of its kind; what the route says itself of the same status is more exact. */
function problemsOf(route: RouteOptions): ProblemCase[] {
  const { schema = {}, config } = route;
  const hasInput = schema.body ?? schema.querystring ?? schema.params ?? schema.headers;
  const isShared = schema.tags?.includes(operations) === true;
  const problems: Record<string, string> = {
    ...(hasInput !== undefined && {
      400: 'Something in the request is missing, unknown or wrong: `errors` names each field (`urn:skald:problem:invalid-request`). Nothing was done',
    }),
    ...(isGuarded(route) && { 401: 'No operator’s bearer token came along, or another one' }),
    ...(schema.body !== undefined && {
      413: 'The body is too large',
      415: 'The body is not application/json in UTF-8',
    }),
    500: 'A failure of ours: `traceId` finds it in the logs',
    ...(!isShared && {
      503: 'The database is away, too much is under way, or the service stops: Retry-After says in how many seconds to try again',
    }),
    ...config?.docs?.problems,
  };
  return Object.entries(problems);
}

const toResponse = ([status, description]: ProblemCase) =>
  [status, { description, content: { [problemType]: { schema: problemSchema } } }] as const;

const isGuarded = ({ onRequest }: RouteOptions): boolean => [onRequest ?? []].flat().some(isGuard);

/** Every named schema comes twice, as what is read and what is written: one of them is referred to by nobody. */
function withoutUnused(document: OpenApiDocument): OpenApiDocument {
  if (!('components' in document)) return document;
  const { components } = document;
  const text = JSON.stringify(document);
  const isUsed = ([name]: [string, unknown]) => text.includes(`"#/components/schemas/${name}"`);
  const schemas = Object.fromEntries(Object.entries(components?.schemas ?? {}).filter(isUsed));
  return { ...document, components: { ...components, schemas } } as OpenApiDocument;
}

const operationsOf = ({ paths }: OpenApi): Operation[] =>
  Object.values(paths ?? {}).flatMap((path) =>
    [path?.get, path?.put, path?.post, path?.patch, path?.delete].filter((found) => found !== undefined),
  );

/** And says of a body whether it has to be there: @fastify/swagger asks for each. */
function giveExamples(operation: Operation & { [EXAMPLES]?: Examples }): void {
  const { [EXAMPLES]: examples, requestBody: body } = operation;
  delete operation[EXAMPLES];
  const media = body !== undefined && 'content' in body ? body.content['application/json'] : undefined;
  if (media === undefined) return;
  if (examples !== undefined) media.examples = { ...examples };
  const schema: { anyOf?: readonly { type?: string }[] } = Object(media.schema);
  if (schema.anyOf?.some(({ type }) => type === 'null')) Object.assign(body ?? {}, { required: false });
}

const retryAfter = {
  'Retry-After': { schema: { type: 'integer' }, description: 'Seconds after which to try again' },
} as const;

/** Each response needs a description: that of its status, where nobody has written one. */
function describeResponses({ responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    if ('$ref' in response) continue;
    if (response.description === 'Default Response') response.description = STATUS_CODES[status] ?? status;
    if (status === '503' && response.content?.[problemType] !== undefined) response.headers = retryAfter;
  }
}

/** What a service is there for comes before what every service has. */
function ownFirst(document: OpenApi): OpenApi {
  const paths = Object.entries(document.paths ?? {});
  const isShared = ([, path]: (typeof paths)[number]) => path?.get?.tags?.includes(operations) === true;
  const sorted = [...paths.filter((path) => !isShared(path)), ...paths.filter(isShared)];
  return { ...document, paths: Object.fromEntries(sorted) } as OpenApi;
}

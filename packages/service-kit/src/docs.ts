import swagger from '@fastify/swagger';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { operations } from './health.ts';
import type { App } from './http.ts';
import { problemSchema } from './problem.ts';

const transform = createJsonSchemaTransform({});
const transformObject = createJsonSchemaTransformObject({});

/** Nothing on the page may come from, or go to, anywhere else. */
const contentPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
].join('; ');

/** OpenAPI 3.1 from the routes' schemas at `/openapi.json`, to browse at `/docs`. Before any route is registered. */
export async function serveDocs(app: App, name: string): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: `Skald ${name}`, version: '1' } },
    transform: (route) => transform({ ...route, schema: withProblem(route.schema) }),
    transformObject: (documents) => ownFirst(withoutUnused(transformObject(documents))),
  });

  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });

  const page = createPage(name);
  for (const url of ['/docs', '/docs/', '/docs/js/scalar.js']) app.get(url, { schema: { hide: true } }, page);
}

/** Every route that is shown can answer with a problem. */
function withProblem<Schema extends object>(schema: Schema): Schema {
  if (schema === undefined || 'hide' in schema) return schema;
  const response = 'response' in schema ? schema.response : {};
  const problem = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: problemSchema } },
  };
  return { ...schema, response: { ...Object(response), default: problem } };
}

type OpenApiDocument = ReturnType<typeof transformObject>;

/** Every named schema comes twice, as what is read and what is written: one of them is referred to by nobody. */
function withoutUnused(document: OpenApiDocument): OpenApiDocument {
  if (!('components' in document)) return document;
  const { components } = document;
  const text = JSON.stringify(document);
  const isUsed = ([name]: [string, unknown]) => text.includes(`"#/components/schemas/${name}"`);
  const schemas = Object.fromEntries(Object.entries(components?.schemas ?? {}).filter(isUsed));
  return { ...document, components: { ...components, schemas } } as OpenApiDocument;
}

/** What a service is there for comes before what every service has. */
function ownFirst(document: OpenApiDocument): OpenApiDocument {
  if (!('openapi' in document)) return document;
  const paths = Object.entries(document.paths ?? {});
  const isShared = ([, path]: (typeof paths)[number]) => path?.get?.tags?.includes(operations) === true;
  const sorted = [...paths.filter((path) => !isShared(path)), ...paths.filter(isShared)];
  return { ...document, paths: Object.fromEntries(sorted) } as OpenApiDocument;
}

/** The page and its script (4 MB) are only loaded once somebody looks: a server in a server serves them. */
function createPage(name: string) {
  let server: Promise<App> | undefined;

  async function load(): Promise<App> {
    const { default: scalar } = await import('@scalar/fastify-api-reference');
    const inner = fastify();
    await inner.register(scalar, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: `Skald ${name}`,
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    });
    return inner;
  }

  return async function servePage(request: FastifyRequest, reply: FastifyReply) {
    server ??= load();
    const page = await (await server).inject({ url: request.url });
    const { location, 'content-type': type } = page.headers;
    if (location !== undefined) return reply.redirect('/docs/', 301);
    return reply
      .code(page.statusCode)
      .headers({ 'content-security-policy': contentPolicy, 'x-content-type-options': 'nosniff' })
      .type(String(type))
      .send(page.rawPayload);
  };
}

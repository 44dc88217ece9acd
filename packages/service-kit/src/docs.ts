import swagger from '@fastify/swagger';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { App } from './http.ts';
import { securitySchemes, transformDocument, transformRoute } from './openapi.ts';
import { assertExamples } from './route-docs.ts';

/** Nothing on the page may come from, or go to, anywhere else. */
const contentPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
].join('; ');

/** What holds for every route of every service. */
const conventions =
  'Every error is a problem (RFC 9457, `application/problem+json`): `type` and `status` are for programs, `detail` and `errors` for people. ' +
  'An unknown path is a 404, a method that a path does not have a 405 with `Allow`. Nothing is coerced, and no unknown field passes. ' +
  'An `X-Correlation-Id` that comes along goes with all that follows from the request; `traceparent` is taken up.';

/** OpenAPI 3.1 from the routes' schemas at `/openapi.json`, to browse at `/docs`. Before any route is registered. */
export async function serveDocs(app: App, name: string, description: string): Promise<void> {
  const info = { title: `Skald ${name}`, description: `${description}\n\n${conventions}`, version: '1' };
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, components: { securitySchemes } },
    transform: transformRoute,
    transformObject: transformDocument,
  });
  app.addHook('onRoute', assertExamples);

  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });

  const page = createPage(name);
  for (const url of ['/docs', '/docs/', '/docs/js/scalar.js']) app.get(url, { schema: { hide: true } }, page);
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

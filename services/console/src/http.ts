import cookies from '@fastify/cookie';
import type { App } from '@skald/service-kit';
import { productsAnswer, vitalsAnswer } from './answer.ts';
import type { Catalogue } from './catalogue.ts';
import { operating } from './docs.ts';
import { type EventRouteOptions, serveEvents } from './event-routes.ts';
import { createForward } from './forward.ts';
import { forwardedServices } from './forwarded-routes.ts';
import { servePage } from './page.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { ServiceUrls } from './service-urls.ts';
import { createOperatorGuard, type SessionRouteOptions, serveSession } from './session-routes.ts';
import type { VitalsReader } from './vitals.ts';

export interface RouteOptions extends EventRouteOptions, SessionRouteOptions {
  readonly urls: ServiceUrls;
  /** Shown to the services whose routes need an operator's. */
  readonly token: string;
  readonly catalogue: Catalogue;
  readonly vitals: VitalsReader;
}

/** Bytes: an edited value may be as large as a record. */
const BODY_LIMIT = 2 * 1024 * 1024;

export function routes(app: App, options: RouteOptions): void {
  app.register(cookies);
  servePage(app);
  app.addHook('onRequest', requireSameOrigin);
  serveSession(app, options);
  serveEvents(app, options);
  const requireOperator = createOperatorGuard(options.sessions);

  app.get(
    '/api/products',
    {
      schema: {
        tags: ['catalogue'],
        summary: 'What can be ordered',
        description: 'As inventory has listed it in the log.',
        response: { 200: productsAnswer },
      },
    },
    async () => ({ products: options.catalogue.list() }),
  );

  app.get(
    '/api/vitals',
    {
      config: { docs: operating },
      onRequest: requireOperator,
      schema: {
        tags: ['operate'],
        summary: 'How the services are',
        description: 'Gathered from their /readyz and /metrics, at most every two seconds.',
        response: { 200: vitalsAnswer },
      },
    },
    () => options.vitals.read(),
  );

  forwardRoutes(app, options, requireOperator);
}

function forwardRoutes(
  app: App,
  { urls, token }: RouteOptions,
  requireOperator: ReturnType<typeof createOperatorGuard>,
): void {
  for (const { service, prefix, isOperating, routes: forwarded } of forwardedServices) {
    const forward = createForward({ urls, service, prefix, ...(isOperating && { token }) });
    for (const { method, path, isLong = false } of forwarded) {
      app.route({
        method,
        url: prefix + path,
        bodyLimit: BODY_LIMIT,
        config: { isLong },
        onRequest: isOperating ? [requireOperator] : [],
        // Told in the document of the service that it is asked of.
        schema: { hide: true },
        handler: forward,
      });
    }
  }
}

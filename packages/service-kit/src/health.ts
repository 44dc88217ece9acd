import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Admission } from './admission.ts';
import type { App } from './http.ts';
import type { Logger } from './log.ts';
import type { Check } from './service.ts';

/** The OpenAPI tag of what every service has. */
export const operations = 'operations';

const healthSchema = z.object({
  status: z.enum(['alive', 'ready', 'not ready', 'stopping']),
  checks: z
    .array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string().optional() }).readonly())
    .readonly()
    .optional(),
});

type Health = z.infer<typeof healthSchema>;

/** Ms that the checks may take: probes give up after some seconds, and then say less. */
const readinessTimeout = 2_000;

/**
 * `/livez` asks nobody: restarting this process mends no database. `/readyz` asks the service, and says no as soon as
 * the process is told to stop.
 */
export function serveHealth(
  app: App,
  admission: Admission,
  logger: Logger,
  readiness: () => Promise<readonly Check[]> | readonly Check[],
): void {
  app.get(
    '/livez',
    {
      schema: {
        tags: [operations],
        summary: 'Is the process alive?',
        description: 'Asks nobody else: starting this process anew mends no database.',
        response: { 200: healthSchema },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', 'no-store').send({ status: 'alive' });
    },
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags: [operations],
        summary: 'Can this instance serve requests?',
        description:
          'What it needs, one by one, and why not. It answers while the service is overloaded, too.',
        response: {
          200: healthSchema.describe('It can'),
          503: healthSchema.describe('It can’t, or it stops: `checks` says why'),
        },
      },
    },
    async (_request, reply) => {
      if (admission.isClosed) return answer(reply, { status: 'stopping' });
      const checks = await ask(readiness, logger);
      return answer(reply, { status: checks.every(({ ready }) => ready) ? 'ready' : 'not ready', checks });
    },
  );
}

function answer(reply: FastifyReply, health: Health): FastifyReply {
  return reply
    .code(health.status === 'ready' ? 200 : 503)
    .header('cache-control', 'no-store')
    .send(health);
}

async function ask(
  readiness: () => Promise<readonly Check[]> | readonly Check[],
  logger: Logger,
): Promise<readonly Check[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Check[]>((resolve) => {
    const detail = `no answer within ${readinessTimeout} ms`;
    timer = setTimeout(() => resolve([{ name: 'service', ready: false, detail }]), readinessTimeout);
  });
  try {
    return await Promise.race([readiness(), late]);
  } catch (error) {
    logger.warn({ err: error }, 'The readiness checks failed');
    return [{ name: 'service', ready: false, detail: 'the checks failed' }];
  } finally {
    clearTimeout(timer);
  }
}

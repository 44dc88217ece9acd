import type { FastifyInstance } from 'fastify';

/** Serves until SIGTERM; then `close` ends what else the service has open. */
export async function serve(app: FastifyInstance, port: string, close: () => Promise<void>): Promise<void> {
  app.get('/health', () => ({ status: 'ok' }));
  await app.listen({ host: '127.0.0.1', port: Number(port) });
  // The benchmark is gone.
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => {
    void (async () => {
      await app.close();
      await close();
      process.disconnect();
    })();
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditReport } from './audit.ts';
import { createAuditMetrics } from './metrics.ts';

export interface ServeOptions {
  readonly everyMs: number;
  /** Of the time, above 0 to 1: each audit is followed by so long a rest that all of them take no more. */
  readonly share: number;
  /** 0: any free port. */
  readonly port: number;
  say(line: string): void;
}

/** After an audit that could not be made, ms: a witness that was only starting is there soon. */
const RETRY_MS = 5_000;

/**
 * Audits again and again, each time everything, and serves what came of it at `/metrics`. Resolves at SIGTERM or SIGINT, at
 * once: an audit leaves nothing behind.
 */
export async function serveMetrics(
  audit: () => Promise<AuditReport>,
  { everyMs, share, port, say }: ServeOptions,
): Promise<void> {
  const metrics = createAuditMetrics();
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());

  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  say(
    `Metrics on http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics, every ${everyMs / 1_000} s`,
  );

  const aborted = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve());
  });
  await Promise.race([repeat(), aborted]);
  server.close();
  server.closeAllConnections();

  async function repeat(): Promise<void> {
    while (!stopping.signal.aborted) {
      const begunAt = performance.now();
      const wasMade = await audit().then(shown, failed);
      const took = performance.now() - begunAt;
      const rest = wasMade ? Math.max(0, everyMs - took, took / share - took) : Math.min(everyMs, RETRY_MS);
      await pause(rest, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  function shown(report: AuditReport): true {
    metrics.show(report);
    const { totals, violations, verdict, durationMs } = report;
    say(
      `${report.takenAt} ${verdict}: ${violations.length} violations, ${totals.orders} orders, ${totals.inFlight} in flight, ${totals.stuck} stuck (${(durationMs / 1_000).toFixed(1)} s)`,
    );
    for (const { invariant, subject, says } of violations.slice(0, 5))
      say(`  ${invariant}  ${subject}  ${says}`);
    return true;
  }

  function failed(error: unknown): false {
    metrics.fail();
    say(`Could not audit: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

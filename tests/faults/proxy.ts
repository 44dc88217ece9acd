import { createServer, type Server, type Socket } from 'node:net';
import { createLink, type Link } from './proxy-link.ts';

export type ProxyMode =
  | { readonly kind: 'pass' }
  /** Every connection is reset (RST), at once and as soon as it comes. */
  | { readonly kind: 'reset' }
  /** Nothing gets through, nobody hears why; what was sent arrives when it is over. */
  | { readonly kind: 'black hole' }
  /** Each packet arrives later, in either direction. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Postgres alone: a COMMIT is carried out, and the connection reset before the client hears of it. */
  | { readonly kind: 'cut before the commit’s answer' };

/** What has happened here since the proxy was opened. */
export type ProxyCounts = {
  opened: number;
  reset: number;
  /** Connections that stood, or were tried for, in a black hole. */
  held: number;
  bytesHeld: number;
  delayed: number;
  commitsCut: number;
  /** What stands behind was away, or went away. */
  lost: number;
};

/** Stands between one client and one server. */
export interface TcpProxy {
  readonly port: number;
  readonly counts: Readonly<ProxyCounts>;
  set(mode: ProxyMode): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** What stands behind it, on the loopback. */
  readonly target: number;
  /** Speaks Postgres: COMMITs are looked for. */
  readonly isPostgres?: boolean;
}

const host = '127.0.0.1';

export const noCounts = (): ProxyCounts => ({
  opened: 0,
  reset: 0,
  held: 0,
  bytesHeld: 0,
  delayed: 0,
  commitsCut: 0,
  lost: 0,
});

export async function openProxy({ target, isPostgres = false }: ProxyOptions): Promise<TcpProxy> {
  const links = new Set<Link>();
  const counts = noCounts();
  let mode: ProxyMode = { kind: 'pass' };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    counts.opened += 1;
    if (mode.kind === 'reset') {
      counts.reset += 1;
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    if (mode.kind === 'black hole') counts.held += 1;
    add(client);
  });

  function add(client: Socket): void {
    const link = createLink({
      client,
      target: { host, port: target },
      isPostgres,
      counts,
      mode: () => mode,
      onClosed: () => links.delete(link),
    });
    links.add(link);
    if (mode.kind !== 'black hole') link.flow();
  }

  const port = await listen(server);
  return {
    port,
    counts,
    set(next) {
      const wasHole = mode.kind === 'black hole';
      mode = next;
      if (next.kind === 'reset') {
        counts.reset += links.size;
        for (const link of links) link.reset();
      } else if (next.kind === 'black hole') {
        counts.held += links.size;
        for (const link of links) link.hold();
      } else if (wasHole) for (const link of links) link.flow();
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const link of links) link.reset();
      await closed;
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

import { createServer, type Server } from 'node:net';

/**
 * Below the range from which systems draw the ports of outgoing connections: while a broker is down for a restart, no
 * client of anything can be given its port.
 */
const range = { from: 20_000, to: 32_000 } as const;

export const host = '127.0.0.1';

/** Ports held open until the moment their owner starts, so that two stacks starting side by side can't pick the same. */
export interface PortReservation {
  readonly ports: Readonly<Record<string, number>>;
  release(name: string): Promise<void>;
  releaseAll(): Promise<void>;
}

/** A free port for each name: the one it had (`preferred`) if that is free. */
export async function reservePorts(
  names: readonly string[],
  preferred: Readonly<Record<string, number>>,
): Promise<PortReservation> {
  const held = new Map<string, Server>();
  const ports: Record<string, number> = {};
  for (const name of names) {
    const { port, server } = await hold(preferred[name]);
    held.set(name, server);
    ports[name] = port;
  }
  const release = async (name: string) => {
    const server = held.get(name);
    held.delete(name);
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    ports,
    release,
    releaseAll: async () => {
      await Promise.all([...held.keys()].map(release));
    },
  };
}

async function hold(preferred: number | undefined): Promise<{ port: number; server: Server }> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port =
      attempt === 0 && preferred !== undefined
        ? preferred
        : range.from + Math.floor(Math.random() * (range.to - range.from));
    const server = await listen(port);
    if (server) return { port, server };
  }
  throw new Error(`No free port found between ${range.from} and ${range.to} on ${host}`);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { eventually } from '@skald/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { openProxy, type TcpProxy } from './proxy.ts';

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  toClose.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function proxyTo(target: number, isPostgres = false): Promise<TcpProxy> {
  const proxy = await openProxy({ target, isPostgres });
  toClose.push(() => proxy.close());
  return proxy;
}

/** A client that remembers what it has heard, and how it ended. */
async function client(port: number) {
  const socket = connect(port, '127.0.0.1');
  const heard: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk) => heard.push(chunk));
  socket.on('error', (failure) => {
    error = (failure as NodeJS.ErrnoException).code;
  });
  toClose.push(() => socket.destroy());
  await once(socket, 'connect');
  return {
    say: (text: string | Buffer) => socket.write(text),
    socket,
    get heard() {
      return Buffer.concat(heard).toString('latin1');
    },
    get error() {
      return error;
    },
  };
}

const echo = () => serve((socket) => socket.on('data', (chunk) => socket.write(chunk)));

describe('a proxy', () => {
  it('passes on what either side says, and that it goes', async () => {
    const proxy = await proxyTo(await echo());
    const one = await client(proxy.port);
    one.say('hello');
    await eventually(() => one.heard === 'hello');
    one.socket.end();
    await once(one.socket, 'close');
    expect(proxy.counts).toMatchObject({ opened: 1, reset: 0, lost: 0 });
  });

  it('resets connections that are there, and those that come, until that is over', async () => {
    const proxy = await proxyTo(await echo());
    const before = await client(proxy.port);
    before.say('hello');
    await eventually(() => before.heard === 'hello');
    proxy.set({ kind: 'reset' });
    await eventually(() => before.error === 'ECONNRESET');
    const during = await client(proxy.port).catch(() => undefined);
    await eventually(() => during === undefined || during.socket.destroyed);
    proxy.set({ kind: 'pass' });
    const after = await client(proxy.port);
    after.say('again');
    await eventually(() => after.heard === 'again');
    expect(proxy.counts.reset).toBe(2);
  });

  it('swallows everything, and lets go of it when the hole is closed, in order', async () => {
    const proxy = await proxyTo(await echo());
    const before = await client(proxy.port);
    before.say('1');
    await eventually(() => before.heard === '1');
    proxy.set({ kind: 'black hole' });
    before.say('2');
    const during = await client(proxy.port);
    during.say('3');
    // Another connection's round trip, which is none of the hole's.
    const witness = await client((await proxyTo(await echo())).port);
    witness.say('x');
    await eventually(() => witness.heard === 'x');
    expect([before.heard, during.heard]).toEqual(['1', '']);
    proxy.set({ kind: 'pass' });
    before.say('4');
    await eventually(() => before.heard === '124' && during.heard === '3');
    expect(proxy.counts.held).toBe(2);
  });

  it('delays each packet without changing their order, also when the delay ends in between', async () => {
    const proxy = await proxyTo(await echo());
    const one = await client(proxy.port);
    proxy.set({ kind: 'latency', ms: 80 });
    const sentAt = performance.now();
    one.say('1');
    await eventually(() => proxy.counts.delayed === 1);
    proxy.set({ kind: 'pass' });
    one.say('2');
    await eventually(() => one.heard === '12');
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(79);
  });

  it('notes that what stands behind it is away', async () => {
    const proxy = await proxyTo(1);
    const one = await client(proxy.port);
    await once(one.socket, 'close');
    expect(proxy.counts.lost).toBe(1);
  });
});

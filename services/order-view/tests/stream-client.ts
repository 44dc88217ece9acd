import { type IncomingMessage, request } from 'node:http';

/** A reader of server-sent events, as a browser is one; it can stop reading, as a browser's tab in the background may. */
export async function openStream(url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end();
  });
  let text = '';
  let rest = '';
  let lastId = '';
  const orders: { readonly orderId: string; readonly version: number }[] = [];
  const take = (block: string) => {
    const field = (name: string) =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    lastId = field('id') ?? lastId;
    const data = field('data');
    if (data !== undefined) orders.push(JSON.parse(data) as { orderId: string; version: number });
  };
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    blocks.forEach(take);
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'error', 'close']) response.on(event, () => resolve());
  });
  return {
    type: response.headers['content-type'] ?? '',
    orders,
    ended,
    get text() {
      return text;
    },
    get lastId() {
      return lastId;
    },
    /** Takes nothing more from the socket. */
    pause() {
      response.pause();
      response.socket.pause();
    },
    close: () => response.destroy(),
  };
}

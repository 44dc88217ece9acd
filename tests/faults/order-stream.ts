/** A reader of order-view's stream, as a browser is one: whenever it breaks off, it goes on where it was. */
export interface OrderStream {
  /** By order: the newest version that was told. */
  readonly newest: ReadonlyMap<string, number>;
  /** Of the last event; undefined before the first. */
  readonly position: string | undefined;
  readonly openings: number;
  /** Orders that were told in an older version than before. */
  readonly wentBack: readonly string[];
  close(): Promise<void>;
}

const RETRY_MS = 200;

export function followStream(url: () => string): OrderStream {
  const newest = new Map<string, number>();
  const wentBack: string[] = [];
  const closing = new AbortController();
  let position: string | undefined;
  let openings = 0;

  const take = (event: string) => {
    for (const line of event.split('\n')) {
      if (line.startsWith('id: ')) position = line.slice('id: '.length);
      if (!line.startsWith('data: ')) continue;
      const { orderId, version } = JSON.parse(line.slice('data: '.length)) as {
        orderId: string;
        version: number;
      };
      if (version < (newest.get(orderId) ?? 0)) wentBack.push(`${orderId} to version ${version}`);
      newest.set(orderId, version);
    }
  };

  const readOnce = async () => {
    const headers: Record<string, string> = position === undefined ? {} : { 'last-event-id': position };
    const response = await fetch(`${url()}/orders/stream`, { headers, signal: closing.signal });
    if (!response.ok || response.body === null) throw new Error(`the stream answers ${response.status}`);
    openings += 1;
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      events.forEach(take);
    }
  };

  const reading = (async () => {
    while (!closing.signal.aborted) {
      await readOnce().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  })();

  return {
    newest,
    wentBack,
    get position() {
      return position;
    },
    get openings() {
      return openings;
    },
    async close() {
      closing.abort();
      await reading;
    },
  };
}

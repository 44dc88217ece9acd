/** One server-sent event. */
export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

export interface EventReader {
  /** Rejects when the line breaks; resolves once it was closed. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Reads server-sent events as they come. Resolves once the server has answered; throws if not with 200. */
export async function readEvents(
  url: string,
  onEvent: (event: ServerSentEvent) => void,
): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream' },
    signal: leaving.signal,
  });
  const { body, status } = response;
  if (status !== 200 || body === null) throw new Error(`${url} answered ${status}`);
  const read = async () => {
    const parser = createEventParser();
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      for (const event of parser(text)) onEvent(event);
    }
    throw new Error(`${url} has ended`);
  };
  const ended = read().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  // Whoever waits for it is told; until then it is nobody's.
  ended.catch(() => undefined);
  return { ended, close: () => leaving.abort() };
}

/** Takes text as it comes, in whatever pieces, and answers the events that are whole. */
export function createEventParser(): (text: string) => ServerSentEvent[] {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const lines = block.split('\n');
      const of = (field: string) =>
        lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
      const data = of('data');
      return data.length === 0 ? [] : [{ name: of('event')[0] ?? 'message', data: data.join('\n') }];
    });
  };
}

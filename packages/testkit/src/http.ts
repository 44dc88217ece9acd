/** An HTTP answer, whatever its status. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** The raw text. */
  readonly text: string;
  /** Parsed where it is JSON; undefined otherwise. */
  readonly body: Body;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; text and bytes go as they are, without a content type of their own. */
  readonly body?: unknown;
  /** Default 20,000. */
  readonly timeoutMs?: number;
}

/** Sends one request; throws only if there is no answer at all. A stream of events has no end: of it only the head is read. */
export async function send<Body = unknown>(
  url: string,
  { method = 'GET', headers = {}, body, timeoutMs = 20_000 }: Request = {},
): Promise<Answer<Body>> {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const payload = isRaw ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: isRaw ? headers : { 'content-type': 'application/json', ...headers },
    // As bytes: fetch gives a text a content type of its own.
    ...(payload !== undefined && { body: typeof payload === 'string' ? Buffer.from(payload) : payload }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEndless) await response.body?.cancel();
  const text = isEndless ? '' : await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(response, text) as Body };
}

function parsed(response: Response, text: string): unknown {
  if (!/[/+]json\b/.test(response.headers.get('content-type') ?? '')) return undefined;
  return JSON.parse(text) as unknown;
}

/** The answer of a request that must succeed. Throws what came instead. */
export async function ask<Body>(url: string, request: Request = {}): Promise<Body> {
  const answer = await send<Body>(url, request);
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw new Error(`${request.method ?? 'GET'} ${url} answered ${answer.status}: ${answer.text}`);
}

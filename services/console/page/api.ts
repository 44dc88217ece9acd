/** What a service refuses, or why it can't be asked (RFC 9457). */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly type?: string;
  readonly traceId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export class ApiProblem extends Error {
  readonly body: ProblemBody;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;
  constructor(body: ProblemBody, retryAfter?: number, options?: ErrorOptions) {
    super(body.detail ?? body.title, options);
    this.name = 'ApiProblem';
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Throws ApiProblem. */
async function request(
  path: string,
  { method = 'GET', body, headers, signal }: AskOptions,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    throw new ApiProblem({ title: 'No answer', status: 0, detail: 'The console does not answer' }, 1, {
      cause,
    });
  }
  if (response.ok) return response;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new ApiProblem(await problemOf(response), Number.isNaN(wait) ? undefined : wait);
}

async function problemOf(response: Response): Promise<ProblemBody> {
  try {
    return (await response.json()) as ProblemBody;
  } catch {
    return { title: response.statusText || 'Error', status: response.status };
  }
}

/** Asks the console for JSON. Throws ApiProblem. */
export async function ask<Answer>(path: string, options: AskOptions = {}): Promise<Answer> {
  return (await (await request(path, options)).json()) as Answer;
}

/** Asks for lines of JSON, and hands each over as it comes. Throws ApiProblem. */
export async function askLines<Line>(
  path: string,
  options: AskOptions,
  onLine: (line: Line) => void,
): Promise<void> {
  const { body } = await request(path, options);
  if (body === null) return;
  let rest = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    for (const line of lines) if (line !== '') onLine(JSON.parse(line) as Line);
    if (done) return;
  }
}

import { problemSchema } from '@skald/service-kit';
import type { z } from 'zod';
import { type Line, lineSchema } from './answer.ts';

/** The command can't go on: the message says why, for people. */
export class CommandError extends Error {}

export interface Client {
  get<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer>;
  put<Answer>(path: string, body: unknown, schema: z.ZodType<Answer>): Promise<Answer>;
  /** The lines of the answer, as they come. */
  post(path: string, body: unknown): AsyncGenerator<Line>;
}

/** @param signal hangs up, which ends what is under way */
export function createClient(url: string, token: string, signal: AbortSignal): Client {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new CommandError(
        `There is no answer from dead-letters at ${url} (${causeOf(cause)}). Is it running? \`npm start\` starts it; --url says where it is.`,
        { cause },
      );
    }
    if (!response.ok) throw new CommandError(complaintOf(response.status, await response.text()));
    return response;
  }

  return {
    async get(path, schema) {
      return parse(schema, await (await send('GET', path)).text());
    },
    async put(path, body, schema) {
      return parse(schema, await (await send('PUT', path, body)).text());
    },
    async *post(path, body) {
      const response = await send('POST', path, body);
      try {
        for await (const line of linesOf(response)) yield parse(lineSchema, line);
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof CommandError) throw cause;
        throw new CommandError('dead-letters broke off in the middle: `list` shows what is left', { cause });
      }
    },
  };
}

/** Lines of a body that may be cut anywhere. */
export async function* linesOf({ body }: Pick<Response, 'body'>): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
  if (rest !== '') yield rest;
}

function parse<Answer>(schema: z.ZodType<Answer>, text: string): Answer {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CommandError('What answers there is not dead-letters, or another version of it', { cause });
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

/** The problem as lines: what is wrong, and each field of it. */
function complaintOf(status: number, text: string): string {
  if (status === 401) return 'The operator token is wrong: --token, or OPERATOR_TOKEN';
  let problem: z.infer<typeof problemSchema>;
  try {
    problem = problemSchema.parse(JSON.parse(text));
  } catch {
    return `dead-letters answered ${status}`;
  }
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  return [problem.detail ?? problem.title, ...fields].join('\n');
}

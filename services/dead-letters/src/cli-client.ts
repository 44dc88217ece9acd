import { CommandError, createServiceClient, Refused } from '@skald/command-line';
import type { z } from 'zod';
import { type Line, lineSchema } from './answer.ts';

export interface Client {
  get<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer>;
  put<Answer>(path: string, body: unknown, schema: z.ZodType<Answer>): Promise<Answer>;
  /** The lines of the answer, as they come. */
  post(path: string, body: unknown): AsyncGenerator<Line>;
}

/** @param signal hangs up, which ends what is under way */
export function createClient(url: string, token: string, signal: AbortSignal): Client {
  const client = createServiceClient({
    service: 'dead-letters',
    url,
    headers: { authorization: `Bearer ${token}` },
    signal,
    hint: 'Is it running? `npm start` starts it; --url says where it is.',
  });
  const told = (error: unknown): never => {
    if (error instanceof Refused && error.status === 401)
      throw new CommandError('The operator token is wrong: --token, or OPERATOR_TOKEN', { cause: error });
    throw error;
  };
  return {
    get: (path, schema) => client.ask(path, schema).catch(told),
    put: (path, body, schema) => client.ask(path, schema, { method: 'PUT', body }).catch(told),
    async *post(path, body) {
      const response = await client.send(path, { method: 'POST', body }).catch(told);
      try {
        for await (const line of linesOf(response)) yield client.parse(lineSchema, line);
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

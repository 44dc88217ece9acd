import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './cli-client.ts';
import type { Options } from './cli-options.ts';

const stateSchema = z.object({
  ports: z.record(z.string(), z.int()),
  operatorToken: z.string(),
});

export interface Place {
  readonly url: string;
  readonly token: string;
}

/** Where dead-letters is: as told, or else as the local stack has noted it in its data folder. */
export function findPlace(
  options: Pick<Options, 'url' | 'token' | 'directory'>,
  known: { readonly url: string | undefined; readonly token: string | undefined },
): Place {
  const url = options.url ?? known.url;
  const token = options.token ?? known.token;
  if (url !== undefined && token !== undefined) return { url, token };
  const state = readState(join(options.directory, 'state.json'));
  const port = state?.ports['dead-letters'];
  const found = { url: url ?? (port && `http://127.0.0.1:${port}`), token: token ?? state?.operatorToken };
  if (found.url && found.token) return { url: found.url, token: found.token };
  throw new CommandError(
    `Where is dead-letters? Nothing is noted in ${options.directory}/state.json: start it with \`npm start\`, or give --url and --token`,
  );
}

function readState(path: string): z.infer<typeof stateSchema> | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

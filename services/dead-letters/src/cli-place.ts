import { CommandError, readStateFile } from '@skald/command-line';
import { z } from 'zod';
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
  const state = readStateFile(options.directory, stateSchema);
  const port = state?.ports['dead-letters'];
  const found = { url: url ?? (port && `http://127.0.0.1:${port}`), token: token ?? state?.operatorToken };
  if (found.url && found.token) return { url: found.url, token: found.token };
  throw new CommandError(
    `Where is dead-letters? Nothing is noted in ${options.directory}/state.json: start it with \`npm start\`, or give --url and --token`,
  );
}

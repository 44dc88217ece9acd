import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** What a local stack has noted in its data folder; undefined where there is none, or something of it is missing. */
export function readStateFile<State>(directory: string, schema: z.ZodType<State>): State | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

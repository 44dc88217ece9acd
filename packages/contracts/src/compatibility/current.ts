import { join } from 'node:path';
import { inlineValues } from '../generate/inline.ts';
import { SCHEMAS } from '../generate/outputs.ts';
import { readSchemas } from '../generate/source.ts';
import { fullName, type RecordSchema } from '../schema.ts';

/** Where released versions are kept, under the repository's root. */
export const RELEASED = 'schemas/released';

/** Subject → self-contained schema, from the files themselves: a forgotten `npm run generate` hides no change. */
export function readCurrent(root: string): ReadonlyMap<string, RecordSchema> {
  const source = readSchemas(join(root, SCHEMAS));
  return new Map([...source.events.values()].map((event) => [fullName(event), inlineValues(event, source)]));
}

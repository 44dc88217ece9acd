import { typeFor } from '../avro-types.ts';
import type { RecordSchema } from '../schema.ts';
import { type Incompatibility, incompatibilities } from './compare.ts';
import type { ReleasedSchemas } from './released.ts';

/** What the gate says of one subject. */
export interface Verdict {
  readonly subject: string;
  /** Number of released versions. */
  readonly released: number;
  /** Today's schema beside the newest released one; a change of words alone is none. */
  readonly state: 'unchanged' | 'changed' | 'new' | 'gone';
  /** Why today's schema must not be used; empty when it may. */
  readonly refusals: readonly Refusal[];
}

export interface Refusal extends Incompatibility {
  readonly version: number;
}

/**
 * Holds every schema of today against all released versions of its subject (BACKWARD_TRANSITIVE and stricter).
 * `current`: subject → self-contained schema.
 */
export function judge(
  current: ReadonlyMap<string, RecordSchema>,
  released: ReleasedSchemas,
): readonly Verdict[] {
  const subjects = [...new Set([...current.keys(), ...released.keys()])].sort();
  return subjects.map((subject) => judgeSubject(subject, current.get(subject), released.get(subject) ?? []));
}

function judgeSubject(
  subject: string,
  schema: RecordSchema | undefined,
  versions: readonly RecordSchema[],
): Verdict {
  const verdict = { subject, released: versions.length };
  if (schema === undefined) {
    const reason = 'it was released, and its schema is gone: what is kept of it could not be read';
    return { ...verdict, state: 'gone', refusals: [{ version: versions.length, field: '', reason }] };
  }
  const newest = versions.at(-1);
  const state = newest === undefined ? 'new' : meaning(newest) === meaning(schema) ? 'unchanged' : 'changed';
  return {
    ...verdict,
    state,
    refusals: versions.flatMap((version, index) =>
      compare(schema, version).map((reason) => ({ version: index + 1, ...reason })),
    ),
  };
}

/** Our own rules first, which name the field; then Avro's resolution itself, for whatever they overlook. */
function compare(current: RecordSchema, released: RecordSchema): readonly Incompatibility[] {
  const reasons = incompatibilities(current, released);
  if (reasons.length > 0) return reasons;
  try {
    typeFor(current).createResolver(typeFor(released));
    return [];
  } catch (error) {
    return [{ field: '', reason: error instanceof Error ? error.message : String(error) }];
  }
}

/** A schema without its words. */
function meaning(schema: RecordSchema): string {
  return JSON.stringify(schema, (key, value: unknown) =>
    key === 'doc' && typeof value === 'string' ? undefined : value,
  );
}

import type { Queryable, Statement } from './database.ts';

/** An effect as it is saved. */
export interface SavedEffect {
  readonly kind: string;
  readonly id: string;
  readonly key: string;
  readonly data: unknown;
  readonly state: 'waiting' | 'started';
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent: string | null;
}

export interface EffectId {
  readonly kind: string;
  readonly id: string;
}

const INSERT: Statement = {
  name: 'effects-insert',
  text: `INSERT INTO messaging.effects (kind, id, key, data, owner, correlation_id, causation_id, traceparent)
         SELECT kind, id, key, data, $5::uuid, correlation_id, causation_id, traceparent
         FROM ROWS FROM (unnest($1::text[], $2::text[], $3::text[], $6::text[], $7::text[], $8::text[]),
                         json_array_elements($4::json))
           AS u (kind, id, key, correlation_id, causation_id, traceparent, data)
         ON CONFLICT (kind, id) DO NOTHING RETURNING kind, id`,
};
// Nearly every row that ever was is deleted by now, and the planner takes the table for empty. So whoever knows the ids
// asks by the primary key, one kind at a time, and joins nothing: a join reads the whole index first, with all that is
// deleted and not vacuumed yet, to look for a few ids in it.
const COMPLETE: Statement = {
  name: 'effects-complete',
  text: 'DELETE FROM messaging.effects WHERE kind = $1 AND id = ANY ($2::text[]) RETURNING kind, id',
};
// The owner's name in the condition is the fence: an instance that was thought dead starts nothing any more. An owner
// asks only for what it has not executed, so what it has begun itself already is what the answer was lost of. What
// another has begun, and what has come back since, has been executed.
const START: Statement = {
  name: 'effects-start',
  text: `UPDATE messaging.effects SET state = 'started', started_by = $3
         WHERE kind = $1 AND id = ANY ($2::text[]) AND owner = $3 AND (state = 'waiting' OR started_by = $3)
         RETURNING id`,
};
const RESET: Statement = {
  name: 'effects-reset',
  text: `UPDATE messaging.effects SET state = 'waiting' WHERE kind = $1 AND id = $2 AND owner = $3 AND state = 'started'`,
};
// By their place in the table, which they keep as long as they are locked. One that has moved just before is left for the
// next time.
const ADOPT: Statement = {
  name: 'effects-adopt',
  text: `UPDATE messaging.effects SET owner = $1
         WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM messaging.effects
           WHERE owner IS NULL OR owner NOT IN (SELECT id FROM messaging.live_instances)
           ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))
         RETURNING kind, id, key, data, state, correlation_id AS "correlationId", causation_id AS "causationId",
           traceparent`,
};
// The answer to a COMMIT can be lost with the connection: then the effect is ours, and we have never heard of it.
const FORGOTTEN: Statement = {
  name: 'effects-forgotten',
  text: `SELECT kind, id, key, data, state, correlation_id AS "correlationId", causation_id AS "causationId", traceparent
         FROM messaging.effects
         WHERE owner = $1 AND created_at < now() - interval '5 s'
         ORDER BY created_at LIMIT $2`,
};

/** Inserts; answers those that are new: an id that is open already is dropped. */
export function insertEffects(
  db: Queryable,
  effects: readonly SavedEffect[],
  owner: string | null,
): Promise<EffectId[]> {
  return db.query<{ kind: string; id: string }>(INSERT, [
    effects.map((effect) => effect.kind),
    effects.map((effect) => effect.id),
    effects.map((effect) => effect.key),
    JSON.stringify(effects.map((effect) => effect.data ?? null)),
    owner,
    effects.map((effect) => effect.correlationId),
    effects.map((effect) => effect.causationId),
    effects.map((effect) => effect.traceparent),
  ]);
}

/** Deletes effects whose outcome has come in, and with them whatever personal data they held; answers those that were open. */
export async function completeEffects(db: Queryable, effects: readonly EffectId[]): Promise<EffectId[]> {
  const idsOf = new Map<string, string[]>();
  for (const { kind, id } of effects) {
    const ids = idsOf.get(kind);
    if (ids === undefined) idsOf.set(kind, [id]);
    else ids.push(id);
  }
  // A service has few kinds of effects, and these travel together.
  const completed = Array.from(idsOf, ([kind, ids]) =>
    db.query<{ kind: string; id: string }>(COMPLETE, [kind, ids]),
  );
  return (await Promise.all(completed)).flat();
}

/** Marks unrepeatable effects as begun; answers the ids of those that the owner may execute. */
export async function startEffects(
  db: Queryable,
  kind: string,
  ids: readonly string[],
  owner: string,
): Promise<string[]> {
  const started = await db.query<{ id: string }>(START, [kind, ids, owner]);
  return started.map(({ id }) => id);
}

/** An unrepeatable effect that certainly did not happen waits again. */
export async function resetEffect(db: Queryable, effect: EffectId, owner: string): Promise<void> {
  await db.query(RESET, [effect.kind, effect.id, owner]);
}

/** Takes over effects that nobody owns, or whose owner is dead. */
export function adoptEffects(db: Queryable, owner: string, limit: number): Promise<SavedEffect[]> {
  return db.query<SavedEffect & object>(ADOPT, [owner, limit]);
}

/** The owner's own that are some seconds old: whatever of them it doesn't hold, it has lost. */
export function forgottenEffects(db: Queryable, owner: string, limit: number): Promise<SavedEffect[]> {
  return db.query<SavedEffect & object>(FORGOTTEN, [owner, limit]);
}

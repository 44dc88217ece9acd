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

/**
 * `state <> 'done'`, in words that the index of open effects doesn't answer to: until they are vacuumed, that one holds
 * the done ones as well, and reading it whole for a few rows is what the planner likes to do.
 */
const IS_OPEN = `CASE e.state WHEN 'done' THEN false ELSE true END`;
const INSERT: Statement = {
  name: 'effects-insert',
  text: `INSERT INTO messaging.effects (kind, id, key, data, owner, correlation_id, causation_id, traceparent)
         SELECT kind, id, key, data::jsonb, $5::uuid, correlation_id, causation_id, traceparent
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $6::text[], $7::text[], $8::text[])
           AS u (kind, id, key, data, correlation_id, causation_id, traceparent)
         ON CONFLICT (kind, id) DO NOTHING RETURNING kind, id`,
};
// What an effect needed may name a person: it goes once it is done.
const COMPLETE: Statement = {
  name: 'effects-complete',
  text: `UPDATE messaging.effects e SET state = 'done', outcome = u.outcome::jsonb, data = NULL
         FROM unnest($1::text[], $2::text[], $3::text[]) AS u (kind, id, outcome)
         WHERE e.kind = u.kind AND e.id = u.id AND ${IS_OPEN} RETURNING e.kind, e.id`,
};
// The owner's name in the condition is the fence: an instance that was thought dead starts nothing any more. An owner
// asks only for what it has not executed, so one of its own that is begun already is one whose answer was lost.
const START: Statement = {
  name: 'effects-start',
  text: `UPDATE messaging.effects e SET state = 'started'
         FROM unnest($1::text[], $2::text[]) AS u (kind, id)
         WHERE e.kind = u.kind AND e.id = u.id AND ${IS_OPEN} AND e.owner = $3 RETURNING e.kind, e.id`,
};
const RESET: Statement = {
  name: 'effects-reset',
  text: `UPDATE messaging.effects SET state = 'waiting' WHERE kind = $1 AND id = $2 AND owner = $3 AND state = 'started'`,
};
const ADOPT: Statement = {
  name: 'effects-adopt',
  text: `UPDATE messaging.effects e SET owner = $1
         FROM (SELECT kind, id FROM messaging.effects
               WHERE state <> 'done' AND (owner IS NULL OR owner NOT IN (SELECT id FROM messaging.live_instances))
               ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS orphan
         WHERE e.kind = orphan.kind AND e.id = orphan.id
         RETURNING e.kind, e.id, e.key, e.data, e.state, e.correlation_id AS "correlationId",
           e.causation_id AS "causationId", e.traceparent`,
};
// The answer to a COMMIT can be lost with the connection: then the effect is ours, and we have never heard of it.
const FORGOTTEN: Statement = {
  name: 'effects-forgotten',
  text: `SELECT kind, id, key, data, state, correlation_id AS "correlationId", causation_id AS "causationId", traceparent
         FROM messaging.effects
         WHERE state <> 'done' AND owner = $1 AND created_at < now() - interval '5 s'
         ORDER BY created_at LIMIT $2`,
};

/** Inserts; answers those that are new: an id seen before is dropped. */
export function insertEffects(
  db: Queryable,
  effects: readonly SavedEffect[],
  owner: string | null,
): Promise<EffectId[]> {
  return db.query<{ kind: string; id: string }>(INSERT, [
    effects.map((effect) => effect.kind),
    effects.map((effect) => effect.id),
    effects.map((effect) => effect.key),
    effects.map((effect) => JSON.stringify(effect.data)),
    owner,
    effects.map((effect) => effect.correlationId),
    effects.map((effect) => effect.causationId),
    effects.map((effect) => effect.traceparent),
  ]);
}

/** Marks effects done, with their outcome; answers those that were not done before. */
export function completeEffects(
  db: Queryable,
  effects: readonly (EffectId & { outcome: unknown })[],
): Promise<EffectId[]> {
  return db.query<{ kind: string; id: string }>(COMPLETE, [
    ...columns(effects),
    effects.map(({ outcome }) => JSON.stringify(outcome ?? null)),
  ]);
}

/** Marks unrepeatable effects as begun; answers those that the owner may execute. */
export function startEffects(
  db: Queryable,
  effects: readonly EffectId[],
  owner: string,
): Promise<EffectId[]> {
  return db.query<{ kind: string; id: string }>(START, [...columns(effects), owner]);
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

const columns = (effects: readonly EffectId[]): [string[], string[]] => [
  effects.map(({ kind }) => kind),
  effects.map(({ id }) => id),
];

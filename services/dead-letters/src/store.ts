import type { GroupName, TopicName } from '@skald/contracts';
import type { Queryable, Statement } from '@skald/messaging';
import type { Change, Failure, Identity, Resolution } from './dead-letter.ts';
import { and, type Condition, type State } from './filter.ts';

// A batch's changes as one JSON text: bytea in base64, times as epoch ms.

const saveFailures: Statement = {
  name: 'dead-letters-save-failures',
  text: `INSERT INTO dead_letters
           (consumer_group, topic, partition, "offset", key, record_key, record_value, headers, event,
            error_code, error_text, error_stack, attempts, recorded_at, first_failed_at, last_failed_at,
            state, written_offset, words)
         SELECT "group", topic, partition, "offset", key, decode("recordKey", 'base64'),
            decode("recordValue", 'base64'), headers, event, "errorCode", "errorText", "errorStack", attempts,
            to_timestamp("recordedAt" / 1000.0), to_timestamp("firstFailedAt" / 1000.0),
            to_timestamp("lastFailedAt" / 1000.0), 'open', "writtenOffset", words
         FROM jsonb_to_recordset($1::jsonb) AS f (
            "group" text, topic text, partition int, "offset" bigint, key text, "recordKey" text,
            "recordValue" text, headers jsonb, event text, "errorCode" text, "errorText" text,
            "errorStack" text, attempts int, "recordedAt" float8, "firstFailedAt" float8,
            "lastFailedAt" float8, "writtenOffset" bigint, words text)
         ON CONFLICT (consumer_group, topic, partition, "offset") DO UPDATE
         SET record_value = excluded.record_value, event = excluded.event, error_code = excluded.error_code,
             error_text = excluded.error_text, error_stack = excluded.error_stack,
             attempts = excluded.attempts, last_failed_at = excluded.last_failed_at, state = 'open',
             resolved_at = NULL, resolved_by = NULL, resolved_because = NULL,
             written_offset = excluded.written_offset, words = excluded.words
         WHERE dead_letters.written_offset < excluded.written_offset`,
};

const saveResolutions: Statement = {
  name: 'dead-letters-save-resolutions',
  text: `UPDATE dead_letters d
         SET state = CASE resolution WHEN 'edited' THEN d.state ELSE resolution END,
             resolved_at = CASE resolution WHEN 'edited' THEN d.resolved_at ELSE to_timestamp(r.at / 1000.0) END,
             resolved_by = CASE resolution WHEN 'edited' THEN d.resolved_by ELSE r.by END,
             resolved_because = CASE resolution WHEN 'edited' THEN d.resolved_because ELSE r.reason END,
             edited = d.edited OR resolution = 'edited',
             original_value = CASE WHEN resolution = 'edited' AND NOT d.edited THEN d.record_value
                                   ELSE d.original_value END,
             record_value = CASE resolution WHEN 'edited' THEN decode(r."recordValue", 'base64')
                                            ELSE d.record_value END,
             written_offset = r."writtenOffset"
         FROM jsonb_to_recordset($1::jsonb) AS r (
           "group" text, topic text, partition int, "offset" bigint, resolution text, "recordValue" text,
           by text, reason text, at float8, "writtenOffset" bigint)
         WHERE d.consumer_group = r."group" AND d.topic = r.topic AND d.partition = r.partition
           AND d."offset" = r."offset" AND d.written_offset < r."writtenOffset"`,
};

const nameOf = ({ group, topic, partition, offset }: Identity): string =>
  `${group}/${topic}/${partition}/${offset}`;

/** In their order: what comes again, or too late, changes nothing. */
export async function save(db: Queryable, changes: readonly Change[]): Promise<void> {
  for (const run of runsOf(changes)) {
    const statement = run[0]?.kind === 'failure' ? saveFailures : saveResolutions;
    await db.query(statement, [JSON.stringify(run.map(toJson))]);
  }
}

/** Neighbours of one kind, none of them about the same dead letter: a statement each. */
function* runsOf(changes: readonly Change[]): Generator<Change[]> {
  let run: Change[] = [];
  let names = new Set<string>();
  for (const change of changes) {
    const name = nameOf(change);
    if (run.length > 0 && (run[0]?.kind !== change.kind || names.has(name))) {
      yield run;
      run = [];
      names = new Set();
    }
    run.push(change);
    names.add(name);
  }
  if (run.length > 0) yield run;
}

const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

const toJson = (change: Failure | Resolution) =>
  change.kind === 'failure'
    ? { ...change, recordKey: base64(change.recordKey), recordValue: base64(change.recordValue) }
    : { ...change, recordValue: base64(change.recordValue) };

export interface Row {
  readonly id: number;
  readonly consumer_group: GroupName;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly edited: boolean;
  readonly event: string | null;
  readonly error_code: string;
  readonly error_text: string;
  readonly attempts: number;
  readonly recorded_at: Date;
  readonly first_failed_at: Date;
  readonly last_failed_at: Date;
  readonly state: State;
  readonly resolved_at: Date | null;
  readonly resolved_by: string | null;
  readonly resolved_because: string | null;
}

export interface WholeRow extends Row {
  readonly record_key: Buffer | null;
  readonly record_value: Buffer | null;
  readonly original_value: Buffer | null;
  /** Base64, by name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly error_stack: string | null;
}

const COLUMNS = `id, consumer_group, topic, partition, "offset", key, edited, event, error_code, error_text, attempts,
  recorded_at, first_failed_at, last_failed_at, state, resolved_at, resolved_by, resolved_because`;

/** Newest first, from before an id. */
export function listBefore(db: Queryable, filter: Condition, id: number, limit: number): Promise<Row[]> {
  const { sql, values } = and(filter, (at) => `id < ${at}`, id);
  const text = `SELECT ${COLUMNS} FROM dead_letters WHERE ${sql} ORDER BY id DESC LIMIT ${limit}`;
  return db.query<Row>(text, values);
}

/** Oldest first, from after an id up to another. */
export function listBetween(
  db: Queryable,
  filter: Condition,
  [after, upTo]: readonly [number, number],
  limit: number,
): Promise<Row[]> {
  const later = and(
    and(filter, (at) => `id > ${at}`, after),
    (at) => `id <= ${at}`,
    upTo,
  );
  const text = `SELECT ${COLUMNS} FROM dead_letters WHERE ${later.sql} ORDER BY id LIMIT ${limit}`;
  return db.query<Row>(text, later.values);
}

export interface Facets {
  readonly total: number;
  readonly group: Readonly<Record<string, number>>;
  readonly topic: Readonly<Record<string, number>>;
  readonly code: Readonly<Record<string, number>>;
}

/** How many there are, by what they can be told apart. */
export async function countFacets(db: Queryable, { sql, values }: Condition): Promise<Facets> {
  const rows = await db.query<{ by: string; value: string | null; count: number }>(
    `SELECT CASE grouping(consumer_group, topic, error_code) WHEN 3 THEN 'group' WHEN 5 THEN 'topic'
              WHEN 6 THEN 'code' ELSE 'total' END AS by,
            coalesce(consumer_group, topic, error_code) AS value, count(*) AS count
     FROM dead_letters WHERE ${sql}
     GROUP BY GROUPING SETS ((consumer_group), (topic), (error_code), ())
     ORDER BY count DESC, value`,
    values,
  );
  const counts = (facet: string) =>
    Object.fromEntries(rows.filter(({ by }) => by === facet).map(({ value, count }) => [value, count]));
  return {
    total: rows.find(({ by }) => by === 'total')?.count ?? 0,
    group: counts('group'),
    topic: counts('topic'),
    code: counts('code'),
  };
}

export interface Extent {
  readonly count: number;
  /** The newest. */
  readonly upTo: number;
  readonly groups: readonly GroupName[];
}

/** How far a selection goes just now. */
export async function extentOf(db: Queryable, { sql, values }: Condition): Promise<Extent> {
  const [row] = await db.query<Extent & { upTo: number | null }>(
    `SELECT count(*) AS count, max(id) AS "upTo", coalesce(array_agg(DISTINCT consumer_group), '{}') AS groups
     FROM dead_letters WHERE ${sql}`,
    values,
  );
  return { count: row?.count ?? 0, upTo: row?.upTo ?? 0, groups: row?.groups ?? [] };
}

const selectOne: Statement = {
  name: 'dead-letters-one',
  text: `SELECT ${COLUMNS}, record_key, record_value, original_value, headers, error_stack
         FROM dead_letters WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND "offset" = $4`,
};

export async function find(db: Queryable, id: Identity): Promise<WholeRow | undefined> {
  const [row] = await db.query<WholeRow>(selectOne, [id.group, id.topic, id.partition, id.offset]);
  return row;
}

const deleteResolved: Statement = {
  name: 'dead-letters-purge',
  text: `WITH old AS (SELECT id FROM dead_letters WHERE resolved_at < $1 ORDER BY resolved_at LIMIT $2)
         DELETE FROM dead_letters d USING old WHERE d.id = old.id RETURNING d.id`,
};

/** Forgets what was resolved before that time, at most `limit` of it; what is open stays. Answers how many. */
export async function forgetResolved(db: Queryable, before: Date, limit: number): Promise<number> {
  return (await db.query(deleteResolved, [before, limit])).length;
}

const openByGroup: Statement = {
  name: 'dead-letters-open',
  text: `SELECT consumer_group, topic, count(*) AS count,
           extract(epoch FROM now() - min(first_failed_at))::float8 AS age
         FROM dead_letters WHERE state = 'open' GROUP BY 1, 2`,
};

export interface OpenCount {
  readonly consumer_group: GroupName;
  readonly topic: TopicName;
  readonly count: number;
  /** Seconds since the oldest of them failed first. */
  readonly age: number;
}

export const countOpen = (db: Queryable): Promise<OpenCount[]> => db.query<OpenCount>(openByGroup);

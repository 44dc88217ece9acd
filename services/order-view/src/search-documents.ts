import type { OrderReadModel } from '@skald/contracts';
import type { Change, Positions } from './order-store.ts';
import { type Complaint, type SearchEngine, toError } from './search-engine.ts';
import { positionsOf } from './search-index.ts';
import { wordsOf } from './terms.ts';

/** An order as the engine holds it: where its newest version lies in orders.read-model, what is searched, and the model. */
export type Row = ReturnType<typeof toRow>;

export const toRow = ({ partition, offset, model }: Change) => ({
  orderId: model.orderId,
  version: model.version,
  partition,
  offset,
  status: model.status,
  customerId: model.customerId,
  skus: model.lines.map(({ sku }) => sku),
  words: model.lines.flatMap(({ name }) => wordsOf(name)),
  amount: model.total.amount,
  currency: model.total.currency,
  placedAt: model.placedAt,
  waitsFor: model.waitsFor?.service ?? null,
  model: model satisfies OrderReadModel,
});

export interface Document {
  readonly id: string;
  readonly version: number;
  readonly source: object;
}

export const toDocument = (change: Change): Document => ({
  id: change.model.orderId,
  version: change.model.version,
  source: toRow(change),
});

/** Written elsewhere in a newer version, or in this very one. */
const CONFLICT = 409;

/**
 * Answers the ids of those that were written: an older version is refused by the engine itself, and so is the same again, unless
 * `replaces` says that it takes the place of the one that is there.
 */
export async function writeAll(
  engine: SearchEngine,
  index: string,
  documents: readonly Document[],
  { replaces = false } = {},
): Promise<string[]> {
  if (documents.length === 0) return [];
  const lines = documents.flatMap(({ id, version, source }) => [
    { index: { _id: id, version, version_type: replaces ? 'external_gte' : 'external' } },
    source,
  ]);
  const { items } = await engine.askLines<{ items: readonly { index: Written }[] }>(
    `/${index}/_bulk?filter_path=items.*._id,items.*.status,items.*.error`,
    lines,
  );
  return items.flatMap(({ index: { _id: id, status, error } }) => {
    if (error === undefined) return [id];
    if (status === CONFLICT) return [];
    throw toError(error, status);
  });
}

interface Written {
  readonly _id: string;
  readonly status: number;
  readonly error?: Complaint;
}

/** Those of these ids that an index holds, as they were written last, seen by searches or not. `fields`: all of them without. */
export async function readAll<Source>(
  engine: SearchEngine,
  index: string,
  ids: readonly string[],
  fields?: readonly (keyof Source & string)[],
): Promise<Map<string, Source>> {
  if (ids.length === 0) return new Map();
  const only = fields === undefined ? '' : `?_source_includes=${fields.join(',')}`;
  const { docs } = await engine.ask<{ docs: readonly Read<Source>[] }>('POST', `/${index}/_mget${only}`, {
    ids,
  });
  return new Map(
    docs.flatMap(({ _id, _source, error }) => {
      if (error !== undefined) throw toError(error, 0);
      return _source === undefined ? [] : [[_id, _source] as const];
    }),
  );
}

interface Read<Source> {
  readonly _id: string;
  readonly _source?: Source;
  readonly error?: Complaint;
}

interface Position {
  readonly partition: number;
  readonly nextOffset: number;
}

/** Of an alias or a generation: where it stands in each of so many partitions of orders.read-model. */
export async function readPositions(
  engine: SearchEngine,
  index: string,
  partitions: number,
): Promise<Positions> {
  const ids = Array.from({ length: partitions }, (_, partition) => String(partition));
  const known = await readAll<Position>(engine, positionsOf(index), ids);
  return new Map([...known.values()].map(({ partition, nextOffset }) => [partition, nextOffset]));
}

/** Never back to an earlier one. */
export async function writePosition(
  engine: SearchEngine,
  generation: string,
  partition: number,
  nextOffset: number,
): Promise<void> {
  const source: Position = { partition, nextOffset };
  await writeAll(engine, positionsOf(generation), [{ id: String(partition), version: nextOffset, source }]);
}

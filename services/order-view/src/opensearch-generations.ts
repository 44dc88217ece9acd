import { compareIndexes } from './compare-indexes.ts';
import type { Generation, GenerationStore, OrderGenerations } from './order-generations.ts';
import type { Change } from './order-store.ts';
import {
  type Row,
  readAll,
  readPositions,
  toDocument,
  toRow,
  writeAll,
  writePosition,
} from './search-documents.ts';
import type { SearchEngine } from './search-engine.ts';
import {
  createGeneration,
  deleteGeneration,
  generationOf,
  holdWriters,
  noteGeneration,
  pointTo,
  prepareIndex,
  readGenerations,
  releaseWriters,
} from './search-index.ts';

export interface OpenSearchGenerationsOptions {
  readonly engine: SearchEngine;
  /** What the live one is reached by: its generations are `<alias>-1`, `<alias>-2`, … */
  readonly alias: string;
  /** Of orders.read-model. */
  readonly partitions: number;
}

/** Expects that one rebuild at a time is at work: nobody else writes to a generation that is building. */
export function createOpenSearchGenerations(options: OpenSearchGenerationsOptions): OrderGenerations {
  const { engine, alias, partitions } = options;
  const nameOf = (number: number): string => `${alias}-${number}`;
  const liveName = async (): Promise<string> => {
    await prepareIndex(engine, alias);
    return (await generationOf(engine, alias)) ?? nameOf(1);
  };
  const list = async (): Promise<Generation[]> => {
    const live = await liveName();
    const found = await readGenerations(engine, alias);
    return found
      .map(({ name, number, createdAt, liveSince }) => {
        // The first one was live from the start, and is noted when it is left at the latest.
        if (name === live)
          return { number, createdAt, state: 'live', liveSince: liveSince ?? createdAt } as const;
        return { number, createdAt, state: liveSince === null ? 'building' : 'kept', liveSince } as const;
      })
      .sort((one, other) => one.number - other.number);
  };
  return {
    list,
    async create() {
      const number = Math.max(...(await list()).map((generation) => generation.number)) + 1;
      await createGeneration(engine, nameOf(number));
      return number;
    },
    open: (number) => openGeneration(options, nameOf(number)),
    compare: async (number, since) =>
      compareIndexes({ engine, partitions, live: await liveName(), rebuilt: nameOf(number), since }),
    async switchTo(number, level) {
      const before = (await list()).find(({ state }) => state === 'live');
      const live = await liveName();
      const hold = await holdWriters(engine, live);
      try {
        await level();
        await openGeneration(options, nameOf(number)).settle();
        await releaseWriters(engine, nameOf(number));
        await noteGeneration(engine, live, before?.liveSince ?? Date.now());
        await pointTo(engine, alias, nameOf(number), hold);
      } catch (error) {
        await releaseWriters(engine, live);
        throw error;
      }
      // It stays held: whoever still has its name in mind would write where nobody looks.
      // Where it can't be noted, it is live since it was built.
      await noteGeneration(engine, nameOf(number), Date.now()).catch(() => undefined);
    },
    async drop(number) {
      if ((await liveName()) === nameOf(number)) throw new Error(`generation ${number} is the live one`);
      await deleteGeneration(engine, nameOf(number));
    },
  };
}

/** By its own name: what is written to it is seen by searches after `settle`. */
function openGeneration(
  { engine, alias, partitions }: OpenSearchGenerationsOptions,
  name: string,
): GenerationStore {
  let opened: Promise<void> | undefined;
  /** One that was live once is told again. */
  const open = (): Promise<void> => (opened ??= releaseWriters(engine, name));
  return {
    positions: () => readPositions(engine, name, partitions),
    async upsert(changes, partition, nextOffset) {
      await open();
      await take(engine, name, changes);
      await writePosition(engine, name, partition, nextOffset);
    },
    async fill(models) {
      await open();
      const ids = models.map(({ orderId }) => orderId);
      const live = await readAll<Pick<Row, 'partition' | 'offset'>>(engine, alias, ids, [
        'partition',
        'offset',
      ]);
      const changes = models.map((model) => {
        const { partition = 0, offset = -1 } = live.get(model.orderId) ?? {};
        return { model, partition, offset };
      });
      await writeAll(engine, name, changes.map(toDocument));
    },
    settle: async () => void (await engine.ask('POST', `/${name}/_refresh`)),
  };
}

/** The engine doesn't know that what it has of a version already may move: read first, as nobody else writes here. */
async function take(engine: SearchEngine, name: string, changes: readonly Change[]): Promise<void> {
  const known = await readAll<Row>(
    engine,
    name,
    changes.map(({ model }) => model.orderId),
  );
  const taken = new Map<string, Row>();
  for (const change of changes) {
    const { orderId, version } = change.model;
    const there = taken.get(orderId) ?? known.get(orderId);
    if (there === undefined || version > there.version) taken.set(orderId, toRow(change));
    else if (version === there.version && change.offset > there.offset)
      taken.set(orderId, { ...there, partition: change.partition, offset: change.offset });
  }
  const documents = [...taken].map(([id, source]) => ({ id, version: source.version, source }));
  await writeAll(engine, name, documents, { replaces: true });
}

import { randomUUID } from 'node:crypto';
import { TransientError } from '@skald/messaging';
import { type SearchEngine, SearchRefusal } from './search-engine.ts';

// A generation is an index of orders and one of positions, which belong together: `orders-1`, `orders-1-positions`. An alias
// for each (`orders`, `orders-positions`) leads to the one that is read; a rebuild makes the next, and moves both at once.

/** Of the orders' index, or of its alias. */
export const positionsOf = (index: string): string => `${index}-positions`;

const keyword = { type: 'keyword' } as const;
const number = { type: 'long' } as const;

const orders = {
  settings: {
    index: {
      // Of one shard a reader sees what was written before and nothing of what came after. Of several, a partition's later
      // records could show before its earlier ones, and who has read those would never look for these.
      number_of_shards: 1,
      auto_expand_replicas: '0-1',
      // Whoever writes says when it is to be seen.
      refresh_interval: -1,
      // In the order of pages: the first one costs the same however many follow.
      'sort.field': ['placedAt', 'orderId'],
      'sort.order': ['desc', 'desc'],
    },
  },
  mappings: {
    dynamic: 'strict',
    properties: {
      orderId: keyword,
      version: number,
      partition: { type: 'integer' },
      offset: number,
      status: keyword,
      customerId: keyword,
      skus: keyword,
      words: keyword,
      amount: number,
      currency: keyword,
      placedAt: number,
      waitsFor: keyword,
      // Kept, and not looked into.
      model: { type: 'object', enabled: false },
    },
  },
} as const;

const positions = {
  settings: { index: { number_of_shards: 1, auto_expand_replicas: '0-1' } },
  mappings: { dynamic: 'strict', properties: { partition: { type: 'integer' }, nextOffset: number } },
} as const;

/** Creates a generation that is not there yet, empty; nobody reads it. What is there is left as it is. */
export async function createGeneration(engine: SearchEngine, name: string): Promise<void> {
  await createIndex(engine, positionsOf(name), positions);
  await createIndex(engine, name, orders);
}

async function createIndex(engine: SearchEngine, name: string, body: object): Promise<void> {
  try {
    await engine.ask('PUT', `/${name}`, body);
  } catch (error) {
    if (!(error instanceof SearchRefusal) || error.type !== 'resource_already_exists_exception') throw error;
  }
}

/** The generation that an alias leads to, or that has this name itself; undefined if there is none. */
export async function generationOf(engine: SearchEngine, index: string): Promise<string | undefined> {
  try {
    const [name] = Object.keys(await engine.ask<object>('GET', `/${index}/_alias`));
    return name;
  } catch (error) {
    if (error instanceof SearchRefusal && error.type === 'index_not_found_exception') return undefined;
    throw error;
  }
}

/**
 * Lets the alias lead to another generation, from one request to the next. The one that was read stays. With the `hold` that its
 * writers are held back by: ends it in the same act, or throws a TransientError if it has been broken meanwhile, and nothing has moved.
 */
export async function pointTo(
  engine: SearchEngine,
  alias: string,
  generation: string,
  hold?: string,
): Promise<void> {
  const before = await generationOf(engine, alias);
  const move = (from: string | undefined, to: string, name: string) => [
    ...(from === undefined || from === to ? [] : [{ remove: { index: from, alias: name } }]),
    { add: { index: to, alias: name } },
  ];
  const ends = hold === undefined ? [] : [{ remove: { index: before, alias: hold, must_exist: true } }];
  try {
    await engine.ask('POST', '/_aliases', {
      actions: [
        ...ends,
        ...move(before, generation, alias),
        ...move(before && positionsOf(before), positionsOf(generation), positionsOf(alias)),
      ],
    });
  } catch (error) {
    if (!(error instanceof SearchRefusal) || error.type !== 'aliases_not_found_exception') throw error;
    const says = 'the switch took too long: whoever writes has gone on without it';
    throw new TransientError('SWITCH_TOO_LATE', says, { cause: error });
  }
}

/**
 * Nobody can write to a generation from here on: what is under way is waited for, what comes is told to come again, by then
 * perhaps to the one that the alias leads to. Reading goes on. Answers the name of this hold, for `pointTo`: an alias, as that is
 * what can be looked for and moved in one act.
 */
export async function holdWriters(engine: SearchEngine, name: string): Promise<string> {
  await dropHolds(engine, name);
  const hold = `${holdsOf(name)}${randomUUID()}`;
  await engine.ask('POST', '/_aliases', { actions: [{ add: { index: name, alias: hold } }] });
  await engine.ask('PUT', `/${name},${positionsOf(name)}/_block/write`);
  return hold;
}

/** Ends `holdWriters`, or breaks one that somebody has left behind: a switch that wakes up later moves nothing. */
export async function releaseWriters(engine: SearchEngine, name: string): Promise<void> {
  await dropHolds(engine, name);
  await engine.ask('PUT', `/${name},${positionsOf(name)}/_settings`, { 'index.blocks.write': false });
}

/** Whether it was us who did. */
export async function areWritersHeld(engine: SearchEngine, name: string): Promise<boolean> {
  const path = `/${positionsOf(name)}/_settings/index.blocks.write`;
  return Object.keys(await engine.ask<object>('GET', path)).length > 0;
}

const holdsOf = (name: string): string => `${name}-held-`;

async function dropHolds(engine: SearchEngine, name: string): Promise<void> {
  const found = await engine.ask<Readonly<Record<string, { readonly aliases: object }>>>(
    'GET',
    `/${name}/_alias`,
  );
  const holds = Object.keys(found[name]?.aliases ?? {}).filter((alias) => alias.startsWith(holdsOf(name)));
  if (holds.length === 0) return;
  await engine.ask('POST', '/_aliases', {
    actions: holds.map((alias) => ({ remove: { index: name, alias } })),
  });
}

/** There is an index behind the alias: the first generation where there was none. */
export async function prepareIndex(engine: SearchEngine, alias: string): Promise<void> {
  if ((await generationOf(engine, alias)) !== undefined) return;
  await createGeneration(engine, `${alias}-1`);
  await pointTo(engine, alias, `${alias}-1`);
}

/** Deletes a generation with all that is in it; nothing where there is none. */
export async function deleteGeneration(engine: SearchEngine, name: string): Promise<void> {
  await engine.ask('DELETE', `/${name},${positionsOf(name)}?ignore_unavailable=true`);
}

export interface NotedGeneration {
  readonly name: string;
  readonly number: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms: see `noteGeneration`; null where it was never noted. */
  readonly liveSince: number | null;
}

/** All generations behind an alias, in any order. */
export async function readGenerations(engine: SearchEngine, alias: string): Promise<NotedGeneration[]> {
  const found = await engine.ask<Readonly<Record<string, Noted>>>('GET', `/${alias}-*`);
  return Object.entries(found).flatMap(([name, { settings, mappings }]) => {
    const end = name.slice(alias.length + 1);
    if (!/^[1-9]\d*$/.test(end)) return [];
    const createdAt = Number(settings.index.creation_date);
    return [{ name, number: Number(end), createdAt, liveSince: mappings._meta?.liveSince ?? null }];
  });
}

interface Noted {
  readonly settings: { readonly index: { readonly creation_date: string } };
  readonly mappings: { readonly _meta?: { readonly liveSince?: number } };
}

/** Notes with a generation when it last became live, epoch ms. */
export async function noteGeneration(engine: SearchEngine, name: string, liveSince: number): Promise<void> {
  await engine.ask('PUT', `/${name}/_mapping`, { _meta: { liveSince } });
}

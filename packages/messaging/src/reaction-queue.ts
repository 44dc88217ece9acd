import type { CommandItem, Item } from './item.ts';

export interface ReactionQueueOptions {
  /** So many keys are taken at once, and as many again of those that have lingered. */
  readonly maxKeys: number;
  /** How long an item may linger, ms. */
  readonly lingerMs: number;
  /** Monotonic, ms. */
  readonly clock: () => number;
}

/**
 * What waits for its reaction, by key: all that waits of a key is taken at once, in the order of arrival, or nothing of it
 * is. So no item ever passes another one of its key, whichever of them linger.
 */
export interface ReactionQueue {
  readonly size: number;
  /** How many of them are commands. */
  readonly commands: number;
  /** How long all that waits may still linger, ms. 0: something is to be taken now. */
  readonly lingersFor: number;
  add(item: Item): void;
  /**
   * The keys of which something is urgent, and those of which all lingers that have waited long enough. All that linger,
   * once one has and nothing is urgent, or where they are so many that they fill a transaction by themselves.
   */
  take(): Item[];
  /** Whatever waits, in the order of arrival. */
  takeAll(): Item[];
  /** From now on nothing lingers. */
  hurry(): void;
}

interface Key {
  /** When its first item came. */
  readonly since: number;
  readonly arrivals: { readonly item: Item; readonly number: number }[];
}

export function createReactionQueue(options: ReactionQueueOptions): ReactionQueue {
  const { maxKeys, clock } = options;
  let { lingerMs } = options;
  /** Keys of which something is urgent, in the order in which that came. */
  const urgent = new Map<string, Key>();
  /** Keys of which everything lingers, the oldest first. */
  const lingering = new Map<string, Key>();
  let arrived = 0;
  let size = 0;
  let commands = 0;

  const msUntilDue = () => {
    const [oldest] = lingering.values();
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    return lingering.size < maxKeys ? Math.max(0, oldest.since + lingerMs - clock()) : 0;
  };

  /** Moves the first so many keys, those that came by a time, to what is taken. */
  const move = (
    keys: Map<string, Key>,
    taken: Key['arrivals'],
    count: number,
    by = Number.POSITIVE_INFINITY,
  ) => {
    let left = count;
    for (const [name, key] of keys) {
      if (left === 0 || key.since > by) break;
      left -= 1;
      keys.delete(name);
      for (const arrival of key.arrivals) taken.push(arrival);
    }
  };

  const inOrder = (taken: Key['arrivals']): Item[] => {
    const items = taken.sort((one, other) => one.number - other.number).map(({ item }) => item);
    size -= items.length;
    commands -= items.filter(isCommand).length;
    return items;
  };

  return {
    get size() {
      return size;
    },
    get commands() {
      return commands;
    },
    get lingersFor() {
      return urgent.size > 0 ? 0 : msUntilDue();
    },
    add(item) {
      const isUrgent = isCommand(item) || !item.lingers || urgent.has(item.key);
      const key = urgent.get(item.key) ?? lingering.get(item.key) ?? { since: clock(), arrivals: [] };
      key.arrivals.push({ item, number: arrived });
      arrived += 1;
      size += 1;
      if (isCommand(item)) commands += 1;
      // What is in its map already keeps its place there.
      if (isUrgent) lingering.delete(item.key);
      (isUrgent ? urgent : lingering).set(item.key, key);
    },
    take() {
      const taken: Key['arrivals'] = [];
      // Beside others a key goes once it has waited for its own part: until then more of it may come. A transaction that
      // is only for keys that linger takes all of them.
      const isBeside = urgent.size > 0 && lingering.size < maxKeys;
      if (msUntilDue() === 0) move(lingering, taken, maxKeys, isBeside ? clock() - lingerMs : undefined);
      move(urgent, taken, maxKeys);
      return inOrder(taken);
    },
    takeAll() {
      const taken: Key['arrivals'] = [];
      move(urgent, taken, Number.POSITIVE_INFINITY);
      move(lingering, taken, Number.POSITIVE_INFINITY);
      return inOrder(taken);
    },
    hurry() {
      lingerMs = 0;
    },
  };
}

const isCommand = (item: Item): item is CommandItem => item.kind === 'command';

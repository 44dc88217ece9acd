/** Numbers that look random, and are the same for the same seed: what a test did by chance can be done again. */
export interface SeededRandom {
  readonly seed: number;
  /** From 0 up to 1, without it. */
  next(): number;
  /** A whole number from the first up to the second, without it. */
  int(from: number, to: number): number;
  /** Throws a RangeError if there is nothing to pick from. */
  pick<Item>(items: readonly Item[]): Item;
  /** The same items in another order. */
  shuffled<Item>(items: readonly Item[]): Item[];
}

/** Mulberry32: 32 bits of state are enough to choose moments and mixtures. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from));

  return {
    seed,
    next,
    int,
    pick<Item>(items: readonly Item[]): Item {
      if (items.length === 0) throw new RangeError('There is nothing to pick from');
      return items[int(0, items.length)] as Item;
    },
    shuffled<Item>(items: readonly Item[]): Item[] {
      return items
        .map((item) => ({ item, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item);
    },
  };
}

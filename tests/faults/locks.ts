/** Who wants several takes all of them or waits: nobody waits in a circle. */
export interface Locks {
  hold<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

export function createLocks(): Locks {
  const held = new Set<string>();
  let waiting: (() => void)[] = [];
  return {
    async hold(names, work) {
      while (names.some((name) => held.has(name))) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      for (const name of names) held.add(name);
      try {
        return await work();
      } finally {
        for (const name of names) held.delete(name);
        const woken = waiting;
        waiting = [];
        for (const wake of woken) wake();
      }
    },
  };
}

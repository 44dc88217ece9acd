import type { TopicPartition } from '../src/log-client.ts';
import type { Progress, Span } from '../src/progress.ts';

interface Row {
  offset: number;
  crashes: number;
  holder: string | undefined;
  alone: Span | undefined;
  aloneCrashes: number;
  isInHand: boolean;
}

export interface FakeProgress {
  /** As a process of this name sees it. */
  of(instance: string): Progress;
  /** It is gone, without a word. */
  die(instance: string): void;
}

/** The table as memory: the same rules, held to the same tests. */
export function createFakeProgress(): FakeProgress {
  const rows = new Map<string, Row>();
  const dead = new Set<string>();
  const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

  const begin = (instance: string, at: TopicPartition, offset: number): Row => {
    const row = rows.get(nameOf(at)) ?? {
      offset,
      crashes: 0,
      holder: undefined,
      alone: undefined,
      aloneCrashes: 0,
      isInHand: false,
    };
    const hasDied = row.holder !== undefined && row.holder !== instance && dead.has(row.holder);
    if (hasDied) {
      const wasAlone = row.isInHand && row.alone !== undefined && row.alone.to >= offset;
      row.crashes = wasAlone || offset <= row.offset ? row.crashes + 1 : 0;
      row.aloneCrashes = wasAlone ? row.aloneCrashes + 1 : 0;
    }
    Object.assign(row, { offset, holder: instance, isInHand: false });
    rows.set(nameOf(at), row);
    return row;
  };

  return {
    die: (instance) => dead.add(instance),
    of(instance) {
      const held = (at: TopicPartition) => {
        const row = rows.get(nameOf(at));
        return row?.holder === instance ? row : undefined;
      };
      /** The dead get no answer. */
      const unlessDead = async () => {
        if (dead.has(instance)) await new Promise(() => undefined);
      };
      return {
        async begin(at, offset) {
          await unlessDead();
          const { crashes, alone, aloneCrashes } = begin(instance, at, offset);
          return {
            crashes,
            suspects: alone === undefined ? undefined : { ...alone, crashes: aloneCrashes },
          };
        },
        async takeAlone(at, span) {
          await unlessDead();
          const row = held(at);
          if (row === undefined) return false;
          const isSame = row.alone?.from === span.from && row.alone.to === span.to;
          Object.assign(row, { isInHand: true, alone: span, aloneCrashes: isSame ? row.aloneCrashes : 0 });
          return true;
        },
        async letGo(at) {
          await unlessDead();
          const row = held(at);
          if (row !== undefined) row.isInHand = false;
        },
        async made(at) {
          await unlessDead();
          const row = held(at);
          if (row === undefined) return;
          const clean = { crashes: 0, holder: undefined, alone: undefined, aloneCrashes: 0, isInHand: false };
          Object.assign(row, clean);
        },
        async release() {
          if (dead.has(instance)) return;
          for (const row of rows.values())
            if (row.holder === instance) Object.assign(row, { holder: undefined, isInHand: false });
        },
      };
    },
  };
}

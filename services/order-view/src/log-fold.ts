import type { ConsumedRecord, InputReader } from '@skald/messaging';
import { isOurs, nonsenseIn } from './inputs.ts';
import type { Place } from './log-follow.ts';
import type { RebuiltViews } from './rebuilt-views.ts';
import { emptyView, fold, holds } from './view.ts';
import { changedIn, createWorld, evolve } from './world.ts';

/** What was folded so far. */
export interface FoldCount {
  /** Records that were read. */
  records: number;
  /** Those that no service can take in, and that were passed over as order-view parks them. */
  poison: number;
}

/**
 * Folds records into views, as `decide` does it: the same checks, the same fold. What a view holds already is passed over, so
 * records may come again. `until`: records at or behind one of these are left alone.
 */
export function createLogFold(
  views: Pick<RebuiltViews, 'load' | 'save'>,
  read: InputReader,
  until?: readonly Place[],
) {
  const ends =
    until && new Map(until.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  const count: FoldCount = { records: 0, poison: 0 };
  const isWanted = ({ topic, partition, offset }: ConsumedRecord) =>
    ends === undefined || offset < (ends.get(`${topic}/${partition}`) ?? 0);

  return {
    count: count as Readonly<FoldCount>,
    async handle(records: readonly ConsumedRecord[]): Promise<void> {
      const wanted = records.filter(isWanted);
      const inputs = (await read(wanted)).flatMap((reading) => {
        if (reading.result !== 'input') {
          count.poison += 1;
          return [];
        }
        if (!isOurs(reading.input)) return [];
        if (nonsenseIn(reading.input) === undefined) return [reading.input];
        count.poison += 1;
        return [];
      });
      const world = createWorld(await views.load([...new Set(inputs.map(({ key }) => key))]));
      for (const input of inputs) {
        const view = world.views.get(input.key) ?? emptyView(input.key);
        if (!holds(view, input)) evolve(world, fold(view, input));
      }
      await views.save(changedIn(world));
      count.records += wanted.length;
    },
  };
}

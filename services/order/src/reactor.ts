import { groups, lingeringIn } from '@skald/contracts';
import type { Reactor } from '@skald/messaging';
import type { Catalogue } from './catalogue.ts';
import { decide } from './saga.ts';
import { load, save } from './store.ts';
import { type Change, evolve, type World } from './world.ts';

/** `deadlineMs`: how long an order may be pending. The catalogue learns of each product that is saved. */
export function createReactor(catalogue: Catalogue, deadlineMs: number): Reactor<World, Change> {
  return {
    consumes: groups.order,
    lingering: lingeringIn('order'),
    load,
    decide,
    evolve,
    async save(db, world) {
      await save(db, world, deadlineMs);
      // Before the commit, but it is a published price all the same: should the commit fail, it will be read again.
      catalogue.learn(world.products.values());
    },
  };
}

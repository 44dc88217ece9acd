import { eventsOf, groups, topicOf } from '@skald/contracts';
import { type Decision, type Input, type NewEvent, PoisonError, type Reactor } from '@skald/messaging';
import { isOurs, nonsenseIn } from './inputs.ts';
import { load, save } from './store.ts';
import { emptyView, fold, holds, modelOf, type View } from './view.ts';
import { changedIn, evolve, type World } from './world.ts';

const consumes = groups['order-view'];
const ofOrders = topicOf('OrderCreated');

/** The log of the orders, folded: each batch publishes each order that it has changed, once. */
export const reactor: Reactor<World, View> = {
  consumes,
  // How an order stands is seen at once, and takes along what else was heard of it; the steps between may gather.
  lingering: consumes.filter((topic) => topic !== ofOrders).flatMap(eventsOf),
  load,
  decide,
  evolve,
  conclude,
  save,
};

function decide({ views }: World, input: Input): Decision<View> {
  if (!isOurs(input)) return { outcome: 'ignore', reason: 'no section is about it' };
  const nonsense = nonsenseIn(input);
  if (nonsense !== undefined) throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  const view = views.get(input.key) ?? emptyView(input.key);
  // Published all the same: nobody has, yet.
  const change = holds(view, input) ? view : fold(view, input);
  return { outcome: change.order.placed === undefined ? 'remember' : 'apply', change };
}

function conclude(world: World): readonly NewEvent[] {
  return changedIn(world).flatMap((view) => {
    const data = modelOf(view);
    if (data === undefined) return [];
    return [{ name: 'OrderReadModel', key: view.orderId, data, sequence: view.version }];
  });
}

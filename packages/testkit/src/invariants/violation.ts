import type { EventName } from '@skald/contracts';
import type { TopicEvent } from '../event-decoder.ts';
import type { Evidence } from './evidence.ts';

/** A promise that isn't kept. `invariant`: its number in the design's list. */
export interface Violation {
  readonly invariant: number;
  /** The order, SKU or topic that it shows at. */
  readonly subject: string;
  readonly says: string;
  readonly evidence?: unknown;
}

/** Looks at the evidence for what must not be. Pure. */
export type Check = (evidence: Evidence, story: Story) => Violation[];

/** The events of each order, a record that was sent twice counted once. */
export interface Story {
  /** All distinct events, topic by topic, in order. */
  readonly events: readonly TopicEvent[];
  of<Name extends EventName>(orderId: string, name: Name): readonly TopicEvent<Name>[];
}

export function tellStory({ events }: Pick<Evidence, 'events'>): Story {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const byKeyAndName = groupBy(distinct, ({ key, name }) => `${key} ${name}`);
  return {
    events: distinct,
    of: <Name extends EventName>(orderId: string, name: Name) =>
      // Grouped by that very name; the compiler can't see it in a text.
      (byKeyAndName.get(`${orderId} ${name}`) ?? []) as readonly TopicEvent[] as readonly TopicEvent<Name>[],
  };
}

export function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export const sum = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + amountOf(item), 0);

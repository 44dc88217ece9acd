import { createTypes, type EventName, type Events, type ServiceName } from '@skald/contracts';
import { type DecisionContext, FatalError, type Input, PoisonError, TransientError } from '@skald/messaging';
import { type OrderState, type Participant, participants } from './participants.ts';

/** An event as it would go out: encoded and read again. */
export type Said = {
  readonly [N in EventName]: { readonly name: N; readonly data: Events[N] };
}[EventName];

/** A call to the world outside that is asked for. Nothing of a replay ever makes it. */
export interface Asked {
  readonly kind: string;
  readonly id: string;
  readonly data: unknown;
}

/** What came of one input. */
export type Reaction =
  | {
      readonly outcome: 'apply' | 'remember';
      readonly says: readonly Said[];
      readonly asks: readonly Asked[];
    }
  | { readonly outcome: 'ignore'; readonly reason: string }
  | { readonly outcome: 'poison'; readonly code: string; readonly text: string };

/** The services' own handlers, one order at a time. */
export interface Handlers {
  react(service: ServiceName, input: Input, context: DecisionContext): Promise<Reaction>;
  /** What lies on inventory's shelf from now on, by SKU. */
  shelve(shelf: ReadonlyMap<string, number>): Promise<void>;
  /** How the order stands with a service; undefined where that isn't known before the end. */
  stateOf(service: ServiceName): OrderState | undefined;
}

const types = createTypes();

/** Decides, and lets the world know. What `decide` throws is poison, as it is to the kernel. */
export function decideIn(
  { reactor }: Pick<Participant, 'reactor'>,
  world: unknown,
  input: Input,
  context: DecisionContext,
) {
  const decision = poisonIfThrown(() => {
    const decided = reactor.decide(world, input, context);
    if (decided.outcome === 'ignore') return { outcome: 'ignore', reason: decided.reason } as const;
    const { outcome, change, events = [], effects = [] } = decided;
    const says = events.map(({ name, data }) => ({ name, data: encodedAndRead(name, data) }) as Said);
    return {
      outcome,
      change,
      says,
      asks: effects.map(({ kind, id, data }) => ({ kind, id, data })),
    } as const;
  });
  if (!('change' in decision)) return decision;
  const { change, ...reaction } = decision;
  reactor.evolve(world, change);
  return reaction;
}

/** As readers get it: what isn't in the schema is gone, and what doesn't fit it is thrown. */
export const encodedAndRead = (name: EventName, data: unknown): unknown =>
  types[name].fromBuffer(types[name].toBuffer(data));

export function poisonIfThrown<Result>(
  work: () => Result,
): Result | Extract<Reaction, { outcome: 'poison' }> {
  try {
    return work();
  } catch (error) {
    return poisonOf(error);
  }
}

/** Throws it on where it says nothing of the message: a database that is away, a statement that it doesn't know. */
export function poisonOf(error: unknown): Extract<Reaction, { outcome: 'poison' }> {
  if (error instanceof FatalError || error instanceof TransientError) throw error;
  const text = error instanceof Error ? error.message : String(error);
  return { outcome: 'poison', code: error instanceof PoisonError ? error.code : 'HANDLER_FAILED', text };
}

/** Rules alone, upon worlds in memory: nothing is loaded, and nothing is saved. */
export function createPureHandlers(orderId: string, customerId: string): Handlers {
  const worlds = new Map<ServiceName, unknown>();
  const worldOf = (service: ServiceName): unknown => {
    const world = worlds.get(service) ?? participants[service].blank(orderId, customerId);
    worlds.set(service, world);
    return world;
  };
  return {
    react: async (service, input, context) =>
      decideIn(participants[service], worldOf(service), input, context),
    async shelve(shelf) {
      const { stock } = worldOf('inventory') as { stock: Map<string, object> };
      for (const [sku, onHand] of shelf)
        stock.set(sku, { sku, onHand, reserved: 0, shipped: 0, received: onHand });
    },
    stateOf: (service) => participants[service].stateOf(worldOf(service), orderId),
  };
}

import type { OrderReadModel } from '@skald/contracts';
import type { EventInput, Reactor } from '@skald/messaging';
import { reactor } from '@skald/order-view/simulation';
import type { OrderAnswer } from './answer.ts';
import { openMigrated, reactOn } from './database-handlers.ts';
import type { SaidEvent } from './replay-order.ts';

/** What order-view makes of what the services say, with its own handlers on a database of its own. */
export interface Projection {
  /** The model as it would be published at last: what came before it depends on which events share a batch. */
  project(
    orderId: string,
    says: readonly SaidEvent[],
  ): Promise<{ readonly model: OrderReadModel | null; readonly parked: OrderAnswer['parked'] }>;
  close(): Promise<void>;
}

const service = 'order-view';

/** `url`: an empty database, whose role owns it. Throws what Postgres says. */
export async function openProjection(url: string): Promise<Projection> {
  const connection = await openMigrated(service, url);
  // What its world is, it knows for itself.
  const viewer = { reactor: reactor as unknown as Reactor<unknown, unknown> };
  return {
    async project(orderId, says) {
      let model: OrderReadModel | null = null;
      const parked: OrderAnswer['parked'][number][] = [];
      /** Topics of which it has parked this order: what follows in them waits. */
      const behind = new Set<string>();
      for (const event of says.filter(({ topic }) => reactor.consumes.includes(topic))) {
        if (behind.has(event.topic)) continue;
        const input = inputOf(orderId, event);
        const reaction = await reactOn(connection, viewer, input, { now: event.at, newId: () => input.id });
        if (reaction.outcome === 'poison') {
          parked.push({ service, input: event.name, code: reaction.code, text: reaction.text });
          behind.add(event.topic);
        }
        if (reaction.outcome !== 'apply' && reaction.outcome !== 'remember') continue;
        for (const said of reaction.says) if (said.name === 'OrderReadModel') model = said.data;
      }
      return { model, parked };
    },
    close: () => connection.close(),
  };
}

/** Without a place: where a replay's events would lie, nobody knows. */
const inputOf = (orderId: string, { name, data, sequence, at }: SaidEvent): EventInput =>
  ({
    kind: 'event',
    name,
    data,
    sequence,
    key: orderId,
    time: at,
    id: `${name} ${sequence}`,
    correlationId: orderId,
  }) as EventInput;

import { type TopicName, topicOf } from '@skald/contracts';
import { type ConsumedRecord, type EventReader, followRecords, type RecordFollower } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import type { Change, OrderStore } from './order-store.ts';

export const readModelTopic: TopicName = topicOf('OrderReadModel');

export interface MaterialiserOptions {
  /** The consumer group: one instance reads a partition at a time, and what two of them read is taken in once. */
  readonly group: string;
  readonly brokers: readonly string[];
  readonly store: OrderStore;
  /** For people. */
  readonly storeName: string;
  readonly read: EventReader;
  readonly logger: Logger;
  /** After they were taken in: the orders that have changed. */
  onChanged(orderIds: readonly string[]): void;
}

/** Follows orders.read-model into the store, from where the store says it stands. */
export function createMaterialiser(options: MaterialiserOptions): RecordFollower {
  const { group, brokers, store, storeName, logger } = options;
  return followRecords(
    { clientId: group, brokers },
    {
      group,
      topics: [readModelTopic],
      logger,
      into: storeName,
      handle: createHandler(options),
      async positions(partitions) {
        const known = await store.positions();
        return partitions.map((at) => ({ ...at, offset: known.get(at.partition) ?? 0 }));
      },
    },
  );
}

/** Takes consecutive records of one partition in. What is no read model is passed over, and told of. */
export function createHandler({
  store,
  read,
  logger,
  onChanged,
}: Pick<MaterialiserOptions, 'read' | 'logger' | 'onChanged'> & {
  readonly store: Pick<OrderStore, 'upsert'>;
}) {
  const toChange = async ({ partition, offset, key, value }: ConsumedRecord): Promise<Change | undefined> => {
    const content = await read(value);
    const says = 'undecodable' in content ? content.undecodable : content.name;
    if ('data' in content && content.name === 'OrderReadModel') {
      const model = content.data as Change['model'];
      if (model.orderId === key?.toString()) return { partition, offset, model };
    }
    logger.error({ topic: readModelTopic, partition, offset, says }, 'a record that is no read model');
    return undefined;
  };

  return async (records: readonly ConsumedRecord[]): Promise<void> => {
    const last = records.at(-1);
    if (last === undefined) return;
    const changes: Change[] = [];
    for (const record of records) {
      const change = await toChange(record);
      if (change !== undefined) changes.push(change);
    }
    onChanged(await store.upsert(changes, last.partition, last.offset + 1));
  };
}

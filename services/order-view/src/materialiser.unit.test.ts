import type { ConsumedRecord, EventContent } from '@skald/messaging';
import { createLogger } from '@skald/service-kit';
import { describe, expect, it } from 'vitest';
import { modelNumber } from '../tests/given.ts';
import { createHandler, readModelTopic } from './materialiser.ts';
import type { Change, OrderStore } from './order-store.ts';

type Upsert = Parameters<OrderStore['upsert']>;

function given(contents: readonly (EventContent | Error)[]) {
  const upserts: Upsert[] = [];
  const rung: string[][] = [];
  const handle = createHandler({
    store: {
      upsert: async (...upsert: Upsert) => {
        upserts.push(upsert);
        return upsert[0].map(({ model }: Change) => model.orderId);
      },
    } as unknown as OrderStore,
    read: async (value) => {
      const content = contents[value?.readUInt8(0) ?? 0];
      if (content instanceof Error || content === undefined) throw content ?? new Error('none');
      return content;
    },
    logger: createLogger('test', 'silent'),
    onChanged: (ids) => rung.push([...ids]),
  });
  const records = contents.map((content, index): ConsumedRecord => {
    const key = 'data' in content && 'orderId' in content.data ? content.data.orderId : 'nobody';
    return {
      topic: readModelTopic,
      partition: 2,
      offset: 40 + index,
      timestamp: 0,
      key: Buffer.from(key),
      value: Buffer.of(index),
      headers: {},
    };
  });
  return { handle, records, upserts, rung };
}

const modelled = (number: number): EventContent => ({ name: 'OrderReadModel', data: modelNumber(number) });

describe('the materialiser', () => {
  it('hands a batch to the store as one, with the position behind it, and rings for what has changed', async () => {
    const { handle, records, upserts, rung } = given([modelled(1), modelled(2)]);
    await handle(records);
    expect(upserts).toEqual([
      [
        [
          { partition: 2, offset: 40, model: modelNumber(1) },
          { partition: 2, offset: 41, model: modelNumber(2) },
        ],
        2,
        42,
      ],
    ]);
    expect(rung).toEqual([[modelNumber(1).orderId, modelNumber(2).orderId]]);
  });

  it('passes over what is no read model, or another order than its key, and goes on behind it', async () => {
    const { handle, records, upserts } = given([
      { undecodable: 'bytes' },
      modelled(1),
      { name: 'OrderConfirmed', data: { orderId: 'x', shipmentId: 'x', confirmedAt: 0 } },
      modelled(2),
    ]);
    const [first, second, third, fourth] = records;
    await handle([first, second, third, { ...fourth, key: Buffer.from('another') }] as ConsumedRecord[]);
    expect(upserts).toEqual([[[{ partition: 2, offset: 41, model: modelNumber(1) }], 2, 44]]);
  });

  it('takes nothing in while the registry is away', async () => {
    const { handle, records, upserts } = given([modelled(1), new Error('the registry is away')]);
    await expect(handle(records)).rejects.toThrow('away');
    expect(upserts).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import {
  type ConsumerHandler,
  createEntryPacker,
  createKafkaClient,
  type LogClient,
  type LogConsumer,
  type LogProducer,
  type RecordToSend,
} from '@skald/messaging/simulation';
import { connectStack, eventually } from '@skald/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createSimulatedLogClient } from '../log/client.ts';
import { createLog } from '../log/log.ts';
import { createScheduler, type Process } from '../scheduler.ts';
import { createWatch } from '../watch.ts';

/** A topic of the catalogue that nobody else writes here. */
const TOPIC = 'email.events';

/** A log that the suite runs on: Kafka itself, or its model. */
interface Subject {
  readonly client: LogClient;
  /** Waits for what `work` answers, and lets things happen meanwhile. */
  go<Result>(work: Promise<Result>): Promise<Result>;
  /** Until it holds. */
  until(holds: () => boolean): Promise<void>;
}

function createModel(): Subject {
  const scheduler = createScheduler({ seed: 7, slowOneIn: 0, slowMs: 0 });
  const process: Process = { name: 'model', alive: true, pausedUntil: 0, clockSkew: 0 };
  const until = async (holds: () => boolean) => {
    const deadline = scheduler.now + 60_000;
    // Something always happens, so that time goes on.
    const tick = () => void scheduler.schedule(10, undefined, 'time goes on', () => holds() || tick());
    tick();
    await scheduler.run(() => holds() || scheduler.now > deadline);
  };
  return {
    client: createSimulatedLogClient(createLog(scheduler, createWatch()), scheduler, process),
    until,
    async go(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      await until(() => isOver);
      return work;
    },
  };
}

async function createReal(): Promise<Subject> {
  const { addresses } = await connectStack(inject('infrastructure'));
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined } as never;
  return {
    client: createKafkaClient({ clientId: 'conformance', brokers: addresses.kafka.brokers }, silent),
    go: (work) => work,
    async until(holds) {
      await eventually(holds, { timeoutMs: 40_000 });
    },
  };
}

describe.each([
  ['Kafka', createReal],
  ['the model of Kafka', async () => createModel()],
] as const)('%s', (_name, create) => {
  const mark = randomUUID();
  let subject: Subject;
  let admin: Awaited<ReturnType<LogClient['admin']>>;

  beforeAll(async () => {
    subject = await create();
    admin = await subject.go(subject.client.admin());
    const topic = { name: TOPIC, partitions: 6, config: {} };
    await subject.go(admin.createTopics([topic], 1));
  });
  afterAll(() => subject.go(admin.close()));

  const producer = (id: string, transactions = false): Promise<LogProducer> =>
    subject.go(subject.client.producer({ id: `${mark}.${id}`, transactions }));
  const record = (key: string, value: string): RecordToSend => {
    const packer = createEntryPacker();
    packer.add(TOPIC, `${mark}.${key}`, Buffer.from(value), []);
    return packer.take().records[0] as RecordToSend;
  };

  /** Reads from the beginning, as a group of its own: `key:value@partition`, of this run. */
  async function readAll(group: string, count: number, hooks: Partial<ConsumerHandler> = {}) {
    const seen: string[] = [];
    let isEnded = false;
    const consume = (): Promise<LogConsumer> =>
      subject.client.consume({
        group: `${mark}.${group}`,
        topics: [TOPIC],
        handler: {
          async onRecords(batch, heartbeat) {
            for (const { key, value, partition } of batch.records) {
              const text = key?.toString() ?? '';
              if (text.startsWith(mark))
                seen.push(`${text.slice(mark.length + 1)}:${value?.toString()}@${partition}`);
            }
            return (await hooks.onRecords?.(batch, heartbeat)) ?? true;
          },
          onSkipped: () => undefined,
          onAssigned: (partitions) => hooks.onAssigned?.(partitions),
          onEnded: () => {
            isEnded = true;
          },
        },
      });
    let consumer = await subject.go(consume());
    for (;;) {
      await subject.until(() => isEnded || seen.length >= count);
      if (!isEnded) return { seen, consumer };
      // As the kernel does: a client that has ended is replaced.
      isEnded = false;
      await subject.go(consumer.close());
      consumer = await subject.go(consume());
    }
  }

  it('keeps the order of a key, in a partition that the key alone decides', async () => {
    const sender = await producer('order');
    const keys = ['a', 'b', 'ä-ö-ü', '019b8b74-1800-7000-8000-000000000001'];
    for (const value of ['1', '2', '3']) await subject.go(sender.send(keys.map((key) => record(key, value))));
    const { seen, consumer } = await readAll('order', 12);
    for (const key of keys) {
      const own = seen.filter((one) => one.startsWith(`${key}:`));
      expect(own.map((one) => one.split(/[:@]/)[1])).toEqual(['1', '2', '3']);
      expect(new Set(own.map((one) => one.split('@')[1])).size).toBe(1);
    }
    await subject.go(consumer.close());
    await subject.go(sender.close());
  });

  it('refuses an older producer once a newer one of its id has written to the partition', async () => {
    const older = await producer('fenced');
    await subject.go(older.send([record('f', 'old')]));
    const newer = await producer('fenced');
    await subject.go(newer.send([record('f', 'new')]));
    await expect(subject.go(older.send([record('f', 'zombie')]))).rejects.toMatchObject({ code: 'FENCED' });
    const { seen, consumer } = await readAll('fenced', 14);
    expect(seen.filter((one) => one.startsWith('f:')).map((one) => one.split(/[:@]/)[1])).toEqual([
      'old',
      'new',
    ]);
    await subject.go(consumer.close());
    await subject.go(newer.close());
  });

  it('appends the records of a transaction, and leaves room for its mark', async () => {
    const sender = await producer('transactional', true);
    const before = await subject.go(admin.endOffsets([TOPIC]));
    await subject.go(sender.send([record('t', '1'), record('t', '2')]));
    const { seen, consumer } = await readAll('transactional', 16);
    // The mark is written a moment after the producer is told: who reads the records has seen it.
    const after = await subject.go(admin.endOffsets([TOPIC]));
    const sum = (offsets: typeof after) => offsets.reduce((total, { offset }) => total + offset, 0);
    expect(sum(after) - sum(before)).toBe(3);
    expect(seen.filter((one) => one.startsWith('t:')).length).toBe(2);
    await subject.go(consumer.close());
    await subject.go(sender.close());
  });

  it('goes on where the group has committed, and reads again what it has not', async () => {
    const group = `${mark}.resume`;
    const first = await readAll('resume', 1);
    await subject.go(first.consumer.close());
    const again = await readAll('resume', 16);
    expect(again.seen.length).toBe(16);
    const ends = await subject.go(admin.endOffsets([TOPIC]));
    await subject.go(again.consumer.commit(ends));
    await subject.go(again.consumer.close());
    const committed = await subject.go(admin.committedOffsets(group, [TOPIC]));
    expect(byPlace(committed)).toEqual(byPlace(ends));
    const sender = await producer('resume');
    await subject.go(sender.send([record('r', 'last')]));
    const rest = await readAll('resume', 1);
    expect(rest.seen.map((one) => one.split('@')[0])).toEqual(['r:last']);
    await subject.go(rest.consumer.close());
    await subject.go(sender.close());
  });

  it('gives each partition to one member, and all of them to the one that stays', async () => {
    const shares: string[][] = [[], []];
    const join = (member: 0 | 1) =>
      readAll('shared', 0, {
        onAssigned: (partitions) => {
          shares[member] = partitions.map(({ partition }) => String(partition));
        },
      });
    const [one, other] = [await join(0), await join(1)];
    const all = ['0', '1', '2', '3', '4', '5'];
    await subject.until(() => String(shares.flat().sort()) === String(all) && shares[0]?.length !== 6);
    await subject.go(one.consumer.close());
    await subject.until(() => shares[1]?.length === 6);
    expect(shares[1]?.sort()).toEqual(all);
    await subject.go(other.consumer.close());
  });
});

const byPlace = (offsets: readonly { partition: number; offset: number }[]) =>
  offsets.map(({ partition, offset }) => `${partition}@${Math.max(offset, 0)}`).sort();

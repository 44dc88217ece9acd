import { type LogClient, type PartitionOffset, TransientError } from '@skald/messaging/simulation';
import type { Process, Scheduler } from '../scheduler.ts';
import { kafkaAway, type Log } from './log.ts';

/** The seam `LogClient`, upon a log in memory. */
export function createSimulatedLogClient(log: Log, scheduler: Scheduler, process: Process): LogClient {
  /** There, and back with what it answers. Who is stopped right before it sends, sends when it goes on. */
  const request = <Result>(label: string, work: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      const stopMs = Math.max(0, process.pausedUntil - scheduler.now);
      scheduler.schedule(stopMs + scheduler.latency(), undefined, label, () => {
        let answer: () => void;
        try {
          if (log.isAway) throw kafkaAway();
          const result = work();
          answer = () => resolve(result);
        } catch (error) {
          if (!(error instanceof TransientError)) throw error;
          if (scheduler.isTraced) scheduler.tell(`${process.name}: ${label} → ${error.code}`);
          answer = () => reject(error);
        }
        scheduler.answer(process, label, answer);
      });
    });

  return {
    async producer({ id, transactions }) {
      const service = process.name.split('.')[0] ?? '';
      const producer = await request(`opens producer ${id}`, () =>
        log.openProducer(service, id, transactions),
      );
      return {
        send(records) {
          log.watch.happened('about to send', process);
          return request('produces', () => {
            if (scheduler.isTraced)
              scheduler.tell(
                `${process.name}: ${records.map(({ topic, key }) => `${topic} ${key?.toString() ?? ''}`).join(', ')}`,
              );
            log.produce(producer, records);
            log.watch.happened('records taken', process);
          });
        },
        close: async () => undefined,
      };
    },
    async consume({ group, topics, handler }) {
      await request('connects to Kafka', () => undefined);
      return log.groupOf(group).join(process, topics, handler);
    },
    async admin() {
      await request('connects to Kafka', () => undefined);
      return {
        endOffsets: (topics) =>
          request('asks for ends', () => offsetsOf(log, topics, (place) => place.records.length)),
        committedOffsets: (group, topics) =>
          request('asks for committed offsets', () => {
            const { committed } = log.groupOf(group);
            return offsetsOf(log, topics, (place) => committed.get(place) ?? -1);
          }),
        createTopics: async () => [],
        close: async () => undefined,
      };
    },
  };
}

type Place = NonNullable<ReturnType<Log['topics']['get']>>[number];

const offsetsOf = (
  log: Log,
  topics: readonly string[],
  offsetOf: (place: Place) => number,
): PartitionOffset[] =>
  topics.flatMap((topic) =>
    (log.topics.get(topic) ?? []).map((place) => ({
      topic,
      partition: place.index,
      offset: offsetOf(place),
    })),
  );

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TopicPartition } from './log-client.ts';
import type { ParkingSummary } from './parking-cap.ts';
import type { ReactionReport } from './reaction.ts';
import { time } from './time.ts';

export interface KernelMetrics {
  reaction(report: ReactionReport, items: number): void;
  published(records: number): void;
  lag(topic: string, partition: number, lag: number): void;
}

/** What is measured, under the names that dashboards use. Gauges are read when they are scraped. */
export function createKernelMetrics(
  registry: Registry,
  read: {
    outboxDepth(): number;
    outboxOldestSeconds(): number;
    openEffects(): number;
    waiting(): number;
    relayActive(): boolean;
    halted(): boolean;
    parking(): ParkingSummary;
    paused(): readonly TopicPartition[];
  },
): KernelMetrics {
  const registers = [registry];
  const messages = new Counter({
    name: 'messaging_messages_total',
    help: 'Messages consumed, by what became of them',
    labelNames: ['topic', 'event', 'outcome'],
    registers,
  });
  const errors = new Counter({
    name: 'messaging_dead_letters_total',
    help: 'Messages that were dead-lettered, by error code',
    labelNames: ['topic', 'code'],
    registers,
  });
  const batch = new Histogram({
    name: 'messaging_reaction_items',
    help: 'Inputs that shared one transaction',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  });
  const records = new Counter({
    name: 'messaging_outbox_published_total',
    help: 'Records that Kafka has acknowledged to the relay',
    registers,
  });
  const lag = new Gauge({
    name: 'messaging_consumer_lag',
    help: 'Records of a partition not yet taken in by this instance',
    labelNames: ['topic', 'partition'],
    registers,
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge(
    'messaging_outbox_depth',
    'Outbox positions drawn and not yet acknowledged by Kafka',
    read.outboxDepth,
  );
  gauge(
    'messaging_outbox_oldest_seconds',
    'For how long the oldest outbox entry has waited for Kafka',
    read.outboxOldestSeconds,
  );
  gauge('messaging_effects_open', 'Effects that this instance waits for', read.openEffects);
  gauge('messaging_inputs_waiting', 'Inputs that wait for their transaction', read.waiting);
  gauge('messaging_relay_active', '1 where this instance relays the outbox', () =>
    Number(read.relayActive()),
  );
  gauge('messaging_consumer_halted', '1 where too many messages failed: none is taken in any more', () =>
    Number(read.halted()),
  );
  gauge(
    'messaging_parked_messages',
    'Messages that are parked: failed, or waiting behind one that has',
    () => read.parking().messages,
  );
  gauge('messaging_parked_keys', 'Keys that wait behind a failed message', () => read.parking().keys);
  gauge('messaging_parked_oldest_seconds', 'For how long the oldest parked message has waited', () => {
    const { oldestAt } = read.parking();
    return oldestAt === undefined ? 0 : Math.max(0, (time.now() - oldestAt) / 1_000);
  });
  new Gauge({
    name: 'messaging_partition_paused',
    help: '1 for a partition that is not read any more, as too many of its messages are parked',
    labelNames: ['topic', 'partition'],
    registers,
    collect() {
      this.reset();
      for (const { topic, partition } of read.paused()) this.set({ topic, partition }, 1);
    },
  });

  return {
    reaction(report, items) {
      batch.observe(items);
      // Of one batch most are alike, and to find a counter by its labels costs more than to count.
      const alike = new Map<string, { labels: Record<string, string>; count: number }>();
      for (const { topic, name, outcome, error } of report.outcomes) {
        const kind = `${topic} ${name} ${outcome}`;
        const counted = alike.get(kind);
        if (counted !== undefined) counted.count += 1;
        else alike.set(kind, { labels: { topic, event: name, outcome }, count: 1 });
        if (outcome === 'poison' && error !== undefined) errors.inc({ topic, code: error.code });
      }
      for (const { labels, count } of alike.values()) messages.inc(labels, count);
    },
    published(count) {
      records.inc(count);
    },
    lag(topic, partition, value) {
      lag.set({ topic, partition }, value);
    },
  };
}

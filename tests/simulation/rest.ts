import { groups, type ServiceName, serviceNames, type TopicName } from '@skald/contracts';
import type { ConsumedRecord } from '@skald/messaging/simulation';
import type { Customer } from './customers.ts';
import { rowsOf, type World } from './world.ts';

/** What still waits, in words; undefined once everything has come to rest. */
export function whatWaits(world: World, customers: readonly Customer[]): string | undefined {
  const customer = customers.find(({ open }) => open > 0);
  if (customer !== undefined) return `customer ${customer.number} waits for ${customer.open} answers`;
  for (const service of serviceNames) {
    const tables = world.tables[service];
    const { running } = world.databases[service].server;
    if (running.size > 0) return `${service} has ${running.size} transactions open`;
    const low = tables.relay.places.get('relay')?.committed?.low ?? 0;
    if (low < tables.sequences.position)
      return `the relay of ${service} has come to ${low} of ${tables.sequences.position}`;
    const parked = rowsOf(tables.parked).find(({ state }) => state === 'parked');
    if (parked !== undefined)
      return `${service} has parked ${parked.topic} ${parked.key}: ${parked.error_code}`;
    const [effect] = rowsOf(tables.effects);
    if (effect !== undefined) return `${service} has ${effect.kind} ${effect.id} open (${effect.state})`;
  }
  return whoLags(world);
}

/** A record that a group has neither applied nor parked. */
function whoLags(world: World): string | undefined {
  const { log, tables } = world;
  for (const service of serviceNames) {
    const { topics } = tables[service];
    for (const topic of groups[service]) {
      const ordinal = topics.places.get(topic)?.committed?.ordinal;
      for (const { index, records } of log.topics.get(topic as TopicName) ?? []) {
        for (const record of records) {
          if (record === undefined) continue;
          if (ordinal === undefined) return `${service} has not come up`;
          if (!isTakenIn(world, service, record))
            return `${service} has not taken in ${topic}/${index}@${record.offset} of ${record.key?.toString()}`;
        }
      }
    }
  }
  return undefined;
}

/** Whether a service has applied or parked a record, for good. */
function isTakenIn({ tables }: World, service: ServiceName, record: ConsumedRecord): boolean {
  const { inbox, parked, topics } = tables[service];
  const { topic, partition, offset } = record;
  const ordinal = topics.places.get(topic)?.committed?.ordinal ?? 0;
  const applied = inbox.places.get(record.key?.toString() ?? '')?.committed?.applied[ordinal - 1] ?? 0;
  const sequence = Number(record.headers['ce_sequence']?.toString() ?? Number.POSITIVE_INFINITY);
  return sequence <= applied || parked.places.get(`${topic}/${partition}@${offset}`)?.committed !== undefined;
}

/** 13, at all times: an offset passes nothing that isn't taken in, as nobody reads it again. */
export function watchOffsets(world: World): void {
  world.watch.passed = (group, { topic, index, records }, before, offset) => {
    for (const record of records.slice(before, offset)) {
      if (record === undefined || isTakenIn(world, group as ServiceName, record)) continue;
      world.watch.broken.push(
        `13: ${group} has passed ${topic}/${index}@${record.offset}, which it has not taken in`,
      );
    }
  };
}

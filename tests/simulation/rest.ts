import { groups, serviceNames, type TopicName } from '@skald/contracts';
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
function whoLags({ log, tables }: World): string | undefined {
  for (const service of serviceNames) {
    const { inbox, parked, topics } = tables[service];
    for (const topic of groups[service]) {
      const ordinal = topics.places.get(topic)?.committed?.ordinal;
      for (const { index, records } of log.topics.get(topic as TopicName) ?? []) {
        for (const record of records) {
          if (record === undefined) continue;
          if (ordinal === undefined) return `${service} has not come up`;
          const key = record.key?.toString() ?? '';
          const applied = inbox.places.get(key)?.committed?.applied[ordinal - 1] ?? 0;
          const sequence = Number(record.headers['ce_sequence']?.toString() ?? Number.POSITIVE_INFINITY);
          if (sequence <= applied) continue;
          if (parked.places.get(`${topic}/${index}@${record.offset}`)?.committed !== undefined) continue;
          return `${service} has not taken in ${topic}/${index}@${record.offset} of ${key}`;
        }
      }
    }
  }
  return undefined;
}

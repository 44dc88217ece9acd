import { groups, isOfSaga, type ServiceName, topics } from '@skald/contracts';
import type { Harm } from './faults.ts';
import { type Instance, serviceAt, startInstance } from './instances.ts';
import { kafkaAway, type Partition } from './log/log.ts';
import type { Operators } from './operators.ts';
import type { Fault } from './plan.ts';
import type { World } from './world.ts';

/** Kafka throws a member out that it hasn't heard of for so long, ms. */
const SESSION_MS = 3_000;
/** A process is given so long to stop by itself, ms. */
const STOP_MS = 9_000;
/** Slow commits take so long, ms. */
const STALL_MS = 60;

/** What a fault meets. */
export interface Situation {
  readonly world: World;
  readonly fault: Fault;
  readonly harm: Harm;
  readonly operators: Operators;
  /** Whose moment it is; for a fault that waits for none, one of the service's instances, if any lives. */
  readonly victim: Instance | undefined;
  /** What ends the fault, so much later. */
  heal(ms: number, label: string, end: () => void): void;
}

type Strike = (situation: Situation) => void;

/** Its connections break, and what it had in hand is gone. Another one takes its place. */
export function crash(world: World, instance: Instance): void {
  instance.alive = false;
  cut(world, instance);
  world.scheduler.schedule(SESSION_MS * world.scheduler.random.next(), undefined, 'a session times out', () =>
    world.log.groups.get(instance.service)?.expel(instance),
  );
}

export function replace(world: World, instance: Instance): void {
  const all = world.instances.get(instance.service) ?? [];
  all[all.indexOf(instance)] = startInstance(world, instance.service, instance.index);
}

const cut = (world: World, instance: Instance) => {
  for (const link of world.databases[instance.service].links) if (link.process === instance) link.cut(false);
};

const cutAll = (world: World, service: ServiceName, isServerGone: boolean) => {
  for (const link of world.databases[service].links) link.cut(isServerGone);
};

/** Readers of a topic, and what they may park of a key. */
const mayBeParked = (harm: Harm, topic: string, key: string) => {
  for (const [service, names] of Object.entries(groups))
    if ((names as readonly string[]).includes(topic)) harm.parkable.add(`${service} ${topic} ${key}`);
};

const anyPartition = ({ scheduler, log }: World, isWritten: boolean): Partition | undefined => {
  const all = Object.values(topics)
    .filter(({ writer }) => isOfSaga(writer))
    .flatMap(({ name }) => [...(log.topics.get(name) ?? [])]);
  const candidates = isWritten ? all.filter(({ records }) => records.some(Boolean)) : all;
  return candidates.length === 0 ? undefined : scheduler.random.pick(candidates);
};

export const strikes: Readonly<Record<Fault['kind'], Strike>> = {
  crash(situation) {
    endAndReplace(situation, situation.fault.ms);
  },
  pause({ world, fault: { ms }, victim, heal }) {
    if (victim === undefined) return;
    victim.pausedUntil = world.scheduler.now + ms;
    const group = world.log.groups.get(victim.service);
    if (ms > SESSION_MS)
      world.scheduler.schedule(SESSION_MS, undefined, 'a session times out', () => group?.expel(victim));
    heal(ms, 'a paused instance goes on', () => undefined);
  },
  restart({ world, victim, heal }) {
    if (victim === undefined) return;
    let isReplaced = false;
    const goOn = () => {
      if (isReplaced) return;
      isReplaced = true;
      crash(world, victim);
      heal(20, 'a new instance', () => replace(world, victim));
    };
    world.scheduler.schedule(0, victim, 'is asked to stop', () => void victim.kernel.stop().then(goOn));
    world.scheduler.schedule(STOP_MS, undefined, 'the time to stop is over', () => {
      if (!isReplaced && victim.alive && victim.pausedUntil < world.scheduler.now - STOP_MS)
        world.watch.broken.push(`20: ${victim.name} has not stopped within ${STOP_MS} ms`);
      goOn();
    });
  },
  /** Of one process, or of all of a service. What has arrived is executed, and nobody hears the answer. */
  'database cut'({ world, fault, victim }) {
    if (fault.moment !== undefined && victim !== undefined) cut(world, victim);
    else cutAll(world, serviceAt(fault.service), false);
  },
  'database away'({ world, fault, victim, heal }) {
    const name = fault.moment === undefined ? serviceAt(fault.service) : victim?.service;
    if (name === undefined) return;
    const network = world.databases[name];
    network.isAway = true;
    cutAll(world, name, true);
    heal(fault.ms, 'Postgres is back', () => {
      network.isAway = false;
    });
  },
  /** Transactions draw their positions, and commit later: others commit meanwhile. */
  'slow commits'({ world, fault, heal }) {
    const networks = Object.values(world.databases);
    for (const network of networks) network.stallMs = STALL_MS;
    heal(fault.ms, 'commits are quick again', () => {
      for (const network of networks) network.stallMs = 0;
    });
  },
  'kafka away'({ world: { log, scheduler }, fault: { ms }, heal }) {
    log.isAway = true;
    if (scheduler.oneIn(2)) for (const group of log.groups.values()) group.endClients(kafkaAway());
    heal(ms, 'Kafka is back', () => {
      log.isAway = false;
      log.wakeReaders();
    });
  },
  'kafka fails'({ world: { log }, fault: { ms }, heal }) {
    log.failsOneIn = 2;
    heal(ms, 'Kafka is well again', () => {
      log.failsOneIn = 0;
    });
  },
  'registry away'(situation) {
    const { world, fault, heal } = situation;
    world.registry.isAway = true;
    heal(fault.ms, 'the registry is back', () => {
      world.registry.isAway = false;
    });
    endAndReplace(situation, 20);
  },
  rebalance({ world, fault, victim }) {
    world.log.groups.get(victim?.service ?? serviceAt(fault.service))?.rebalance();
  },
  redelivery({ world, fault, victim }) {
    const group = world.log.groups.get(victim?.service ?? serviceAt(fault.service));
    if (group === undefined) return;
    for (const [partition, offset] of group.committed)
      group.committed.set(partition, world.scheduler.random.int(0, offset + 1));
    group.rebalance();
  },
  duplicate({ world, harm }) {
    const partition = anyPartition(world, true);
    if (partition === undefined) return;
    const record = world.scheduler.random.pick(partition.records.filter((one) => one !== undefined));
    if (harm.foreign.has(placeOf(partition, record.offset)))
      harm.foreign.add(placeOf(partition, partition.records.length));
    world.log.append(partition, record);
  },
  'clock jump'({ world, fault, victim, heal }) {
    const skew = (world.scheduler.oneIn(2) ? 1 : -1) * fault.ms * 10;
    const service = victim?.service ?? serviceAt(fault.service);
    if (world.scheduler.oneIn(2)) world.clockSkew.set(service, skew);
    else if (victim !== undefined) victim.clockSkew = skew;
    heal(fault.ms, 'clocks are right again', () => {
      world.clockSkew.delete(service);
      if (victim !== undefined) victim.clockSkew = 0;
    });
  },
  /** Bytes that nobody can read, under a key of their own. */
  'poison beside'({ world, harm }) {
    const topic = anyPartition(world, false)?.topic;
    if (topic !== undefined) poison(world, harm, topic, `stray-${world.scheduler.steps}`);
  },
  /** The same, under the key of an order that is under way, right behind its last event or anywhere: its later events wait. */
  'poison amid'({ world, harm }) {
    const { lastWritten } = world.log;
    const isBehind = lastWritten !== undefined && lastWritten.topic in topics && world.scheduler.oneIn(2);
    const partition = isBehind ? lastWritten : anyPartition(world, true);
    const records = partition?.records.filter((one) => one !== undefined) ?? [];
    const record = isBehind ? records.at(-1) : records[0];
    if (partition === undefined || record === undefined) return;
    poison(world, harm, partition.topic, record.key?.toString() ?? '');
  },
  /** Postgres refuses what a service wants to save of one order. */
  'refused statement'({ world, fault, victim, heal, harm }) {
    const name = victim?.service ?? serviceAt(fault.service);
    const [key] = world.tables[name].inbox.places.keys();
    if (key === undefined || name === 'order') return;
    harm.mortal.add(name);
    for (const topic of groups[name]) harm.parkable.add(`${name} ${topic} ${key}`);
    world.databases[name].refuses = (statement, values) =>
      /save|upsert/.test(statement) &&
      statement !== 'inbox-save' &&
      Array.isArray(values[0]) &&
      values[0].includes(key);
    heal(fault.ms, 'Postgres takes everything', () => {
      world.databases[name].refuses = () => false;
    });
  },
  redrive({ fault, operators }) {
    operators.actByChance(serviceAt(fault.service), 'redrive');
  },
  discard({ fault, operators }) {
    operators.actByChance(serviceAt(fault.service), 'discard');
  },
};

function endAndReplace({ world, victim, heal }: Situation, ms: number): void {
  if (victim === undefined) return;
  crash(world, victim);
  heal(ms, 'a new instance', () => replace(world, victim));
}

function poison({ log }: World, harm: Harm, topic: string, key: string): void {
  mayBeParked(harm, topic, key);
  const partition = log.partitionFor(topic, key);
  harm.foreign.add(placeOf(partition, partition.records.length));
  log.append(partition, { key: Buffer.from(key), value: Buffer.from('no event'), headers: {} });
}

const placeOf = ({ topic, index }: Partition, offset: number): string => `${topic}/${index}@${offset}`;

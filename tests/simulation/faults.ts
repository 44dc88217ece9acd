import { groups, type ServiceName, topics } from '@skald/contracts';
import { type Instance, serviceAt, startInstance } from './instances.ts';
import { kafkaAway, type Partition } from './log/log.ts';
import type { Operators } from './operators.ts';
import type { Fault } from './plan.ts';
import type { World } from './world.ts';

/** Kafka throws a member out that it hasn't heard of for so long, ms. */
const SESSION_MS = 3_000;
/** A process is given so long to stop by itself, ms. */
const STOP_MS = 9_000;

/** Records that a fault put into topics, and statements that it makes fail: what may be parked, and need not end. */
export interface Harm {
  /** `service topic key` that may be parked. */
  readonly parkable: Set<string>;
  /** Services that may end by themselves, as the outcome of an effect can't be saved. */
  readonly mortal: Set<ServiceName>;
  /** Records that nobody's outbox knows. */
  readonly foreign: Set<string>;
}

export const createHarm = (): Harm => ({ parkable: new Set(), mortal: new Set(), foreign: new Set() });

/** What is broken now. */
export interface Faults {
  /** Those that are under way. */
  readonly open: number;
  /** Makes those happen whose moment has come. */
  strike(stepsSinceBegin: number): void;
  readonly left: number;
}

export function createFaults(world: World, harm: Harm, operators: Operators): Faults {
  const waiting = [...world.plan.faults].sort((one, other) => one.step - other.step);
  let open = 0;
  const heal = (ms: number, label: string, end: () => void) => {
    open += 1;
    world.scheduler.schedule(ms, undefined, label, () => {
      open -= 1;
      end();
    });
  };
  return {
    get open() {
      return open;
    },
    get left() {
      return waiting.length;
    },
    strike(steps) {
      for (let fault = waiting[0]; fault !== undefined && fault.step <= steps; fault = waiting[0]) {
        waiting.shift();
        world.scheduler.tell(`*** ${fault.kind} of ${serviceAt(fault.service)}, ${fault.ms} ms`);
        strikes[fault.kind](world, fault, heal, harm, operators);
      }
    },
  };
}

type Heal = (ms: number, label: string, end: () => void) => void;
type Strike = (world: World, fault: Fault, heal: Heal, harm: Harm, operators: Operators) => void;

/** One of the service's instances, if any lives. */
const victimOf = (world: World, { service }: Fault): Instance | undefined => {
  const alive = (world.instances.get(serviceAt(service)) ?? []).filter((instance) => instance.alive);
  return alive.length > 1 ? world.scheduler.random.pick(alive) : alive[0];
};

/** Its connections break, and what it had in hand is gone. Another one takes its place. */
export function crash(world: World, instance: Instance): void {
  instance.alive = false;
  for (const link of world.databases[instance.service].links) if (link.process === instance) link.cut(false);
  world.scheduler.schedule(SESSION_MS * world.scheduler.random.next(), undefined, 'a session times out', () =>
    world.log.groups.get(instance.service)?.expel(instance),
  );
}

export function replace(world: World, instance: Instance): void {
  const all = world.instances.get(instance.service) ?? [];
  all[all.indexOf(instance)] = startInstance(world, instance.service, instance.index);
}

const cutAll = (world: World, service: ServiceName, isServerGone: boolean) => {
  for (const link of world.databases[service].links) link.cut(isServerGone);
};

/** Readers of a topic, and what they may park of a key. */
const mayBeParked = (harm: Harm, topic: string, key: string) => {
  for (const [service, names] of Object.entries(groups))
    if ((names as readonly string[]).includes(topic)) harm.parkable.add(`${service} ${topic} ${key}`);
};

const anyPartition = ({ scheduler, log }: World, isWritten: boolean): Partition | undefined => {
  const all = Object.keys(topics).flatMap((topic) => [...(log.topics.get(topic) ?? [])]);
  const candidates = isWritten ? all.filter(({ records }) => records.some(Boolean)) : all;
  return candidates.length === 0 ? undefined : scheduler.random.pick(candidates);
};

const strikes: Readonly<Record<Fault['kind'], Strike>> = {
  crash(world, fault, heal) {
    const victim = victimOf(world, fault);
    if (victim === undefined) return;
    crash(world, victim);
    heal(fault.ms, 'a new instance', () => replace(world, victim));
  },
  pause(world, fault, heal) {
    const victim = victimOf(world, fault);
    if (victim === undefined) return;
    victim.pausedUntil = world.scheduler.now + fault.ms;
    const group = world.log.groups.get(victim.service);
    if (fault.ms > SESSION_MS)
      world.scheduler.schedule(SESSION_MS, undefined, 'a session times out', () => group?.expel(victim));
    heal(fault.ms, 'a paused instance goes on', () => undefined);
  },
  restart(world, fault, heal) {
    const victim = victimOf(world, fault);
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
        world.broken.push(`20: ${victim.name} has not stopped within ${STOP_MS} ms`);
      goOn();
    });
  },
  'database cut'(world, { service }) {
    cutAll(world, serviceAt(service), false);
  },
  'database away'(world, { service, ms }, heal) {
    const name = serviceAt(service);
    const network = world.databases[name];
    network.isAway = true;
    cutAll(world, name, true);
    heal(ms, 'Postgres is back', () => {
      network.isAway = false;
    });
  },
  'kafka away'({ log, scheduler }, { ms }, heal) {
    log.isAway = true;
    if (scheduler.oneIn(2)) for (const group of log.groups.values()) group.endClients(kafkaAway());
    heal(ms, 'Kafka is back', () => {
      log.isAway = false;
      log.wakeReaders();
    });
  },
  'kafka fails'({ log }, { ms }, heal) {
    log.failsOneIn = 2;
    heal(ms, 'Kafka is well again', () => {
      log.failsOneIn = 0;
    });
  },
  'registry away'(world, fault, heal) {
    world.registry.isAway = true;
    heal(fault.ms, 'the registry is back', () => {
      world.registry.isAway = false;
    });
    const victim = victimOf(world, fault);
    if (victim === undefined) return;
    crash(world, victim);
    heal(20, 'a new instance', () => replace(world, victim));
  },
  rebalance(world, { service }) {
    world.log.groups.get(serviceAt(service))?.rebalance();
  },
  redelivery(world, { service }) {
    const group = world.log.groups.get(serviceAt(service));
    if (group === undefined) return;
    for (const [partition, offset] of group.committed)
      group.committed.set(partition, world.scheduler.random.int(0, offset + 1));
    group.rebalance();
  },
  duplicate(world, _fault, _heal, harm) {
    const partition = anyPartition(world, true);
    if (partition === undefined) return;
    const record = world.scheduler.random.pick(partition.records.filter((one) => one !== undefined));
    if (harm.foreign.has(placeOf(partition, record.offset)))
      harm.foreign.add(placeOf(partition, partition.records.length));
    world.log.append(partition, record);
  },
  'clock jump'(world, fault, heal) {
    const victim = victimOf(world, fault);
    const skew = (world.scheduler.oneIn(2) ? 1 : -1) * fault.ms * 10;
    if (world.scheduler.oneIn(2)) world.clockSkew.set(serviceAt(fault.service), skew);
    else if (victim !== undefined) victim.clockSkew = skew;
    heal(fault.ms, 'clocks are right again', () => {
      world.clockSkew.delete(serviceAt(fault.service));
      if (victim !== undefined) victim.clockSkew = 0;
    });
  },
  /** Bytes that nobody can read, under a key of their own. */
  'poison beside'(world, _fault, _heal, harm) {
    const topic = anyPartition(world, false)?.topic;
    if (topic === undefined) return;
    const key = `stray-${world.scheduler.steps}`;
    poison(world, harm, topic, key);
  },
  /** The same, under the key of an order that is under way: its later events wait. */
  'poison amid'(world, _fault, _heal, harm) {
    const partition = anyPartition(world, true);
    const record = partition?.records.find((one) => one !== undefined);
    if (partition === undefined || record === undefined) return;
    const key = record.key?.toString() ?? '';
    poison(world, harm, partition.topic, key);
  },
  /** Postgres refuses what a service wants to save of one order. */
  'refused statement'(world, { service, ms }, heal, harm) {
    const name = serviceAt(service);
    const [key] = world.tables[name].inbox.places.keys();
    if (key === undefined || name === 'order') return;
    harm.mortal.add(name);
    for (const topic of groups[name]) harm.parkable.add(`${name} ${topic} ${key}`);
    world.databases[name].refuses = (statement, values) =>
      /save|upsert/.test(statement) &&
      statement !== 'inbox-save' &&
      Array.isArray(values[0]) &&
      values[0].includes(key);
    heal(ms, 'Postgres takes everything', () => {
      world.databases[name].refuses = () => false;
    });
  },
  redrive(_world, { service }, _heal, _harm, operators) {
    operators.actByChance(serviceAt(service), 'redrive');
  },
  discard(_world, { service }, _heal, _harm, operators) {
    operators.actByChance(serviceAt(service), 'discard');
  },
};

function poison({ log }: World, harm: Harm, topic: string, key: string): void {
  mayBeParked(harm, topic, key);
  const partition = log.partitionFor(topic, key);
  harm.foreign.add(placeOf(partition, partition.records.length));
  log.append(partition, { key: Buffer.from(key), value: Buffer.from('no event'), headers: {} });
}

const placeOf = ({ topic, index }: Partition, offset: number): string => `${topic}/${index}@${offset}`;

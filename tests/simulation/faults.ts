import type { ServiceName } from '@skald/contracts';
import { type Instance, serviceAt } from './instances.ts';
import type { Operators } from './operators.ts';
import type { Fault } from './plan.ts';
import type { Process } from './scheduler.ts';
import { strikes } from './strikes.ts';
import type { World } from './world.ts';

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
  /** Makes those happen whose step has come. */
  strike(stepsSinceBegin: number): void;
  /** Those whose step has not come. */
  readonly left: number;
}

export function createFaults(world: World, harm: Harm, operators: Operators): Faults {
  const waiting = [...world.plan.faults].sort((one, other) => one.step - other.step);
  /** Their step has come, and their moment has not. It may never come: nobody waits for them. */
  const armed: Fault[] = [];
  let open = 0;
  const heal = (ms: number, label: string, end: () => void) => {
    open += 1;
    world.scheduler.schedule(ms, undefined, label, () => {
      open -= 1;
      end();
    });
  };
  const strike = (fault: Fault, victim: Instance | undefined) => {
    const whom = victim?.name ?? serviceAt(fault.service);
    world.scheduler.tell(`*** ${fault.kind} of ${whom}, ${fault.ms} ms`);
    strikes[fault.kind]({ world, fault, heal, harm, operators, victim });
  };
  world.watch.happened = (moment, process) => {
    const index = armed.findIndex((fault) => fault.moment === moment);
    const [fault] = index < 0 ? [] : armed.splice(index, 1);
    if (fault !== undefined) strike(fault, instanceOf(world, process));
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
        if (fault.moment === undefined) strike(fault, victimOf(world, fault));
        else armed.push(fault);
      }
    },
  };
}

/** One of the service's instances, if any lives. */
function victimOf(world: World, { service }: Fault): Instance | undefined {
  const alive = (world.instances.get(serviceAt(service)) ?? []).filter((instance) => instance.alive);
  return alive.length > 1 ? world.scheduler.random.pick(alive) : alive[0];
}

/** The instance that a process is, as long as it lives. */
function instanceOf(world: World, process: Process): Instance | undefined {
  for (const instances of world.instances.values())
    for (const instance of instances) if (instance === process && instance.alive) return instance;
  return undefined;
}

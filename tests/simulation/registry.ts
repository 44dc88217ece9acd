import { type EventName, eventNames, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import { type Registry, TransientError } from '@skald/messaging/simulation';
import type { Process, Scheduler } from './scheduler.ts';

/** Compiled once, whatever number of schedules run. */
const types = new Map(eventNames.map((name) => [idOf(name), typeFor(schemaOf(name))]));
const ids = new Map(eventNames.map((name) => [subjectOf(name), idOf(name)]));

function idOf(name: EventName): number {
  return 1 + eventNames.indexOf(name);
}

/** The type that a record's schema id stands for. */
export const typeOfId = (id: number) => types.get(id);

export interface SimulatedRegistry {
  isAway: boolean;
  of(process: Process): Registry;
}

/** Holds every event of the house; says so when it is away. */
export function createSimulatedRegistry(scheduler: Scheduler): SimulatedRegistry {
  const registry: SimulatedRegistry = {
    isAway: false,
    of(process) {
      const answer = async <Value>(value: Value): Promise<Value> => {
        if (!registry.isAway) return value;
        await new Promise<void>((resolve) => {
          scheduler.schedule(scheduler.latency(), process, 'the registry is away', resolve);
        });
        throw new TransientError('REGISTRY_UNAVAILABLE', 'the registry is away');
      };
      return {
        typeOf: (id) => answer(types.get(id)),
        idOf: (subject) => answer(ids.get(subject)),
        register: () => answer(1),
      };
    },
  };
  return registry;
}

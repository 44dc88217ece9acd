import { type EventName, eventNames, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import type { Type } from 'avsc';
import { TransientError } from '../src/errors.ts';
import type { Registry } from '../src/registry.ts';

export interface FakeRegistry extends Registry {
  isAway: boolean;
  /** Ids that were asked for. */
  readonly asked: number[];
  add(id: number, type: Type): void;
}

/** Holds every event of the house under the id that `idOf` answers; says so when it is away. */
export function createFakeRegistry(): FakeRegistry {
  const types = new Map<number, Type>(eventNames.map((name) => [idOf(name), typeFor(schemaOf(name))]));
  const asked: number[] = [];
  const answer = <Value>(value: Value): Value => {
    if (registry.isAway) throw new TransientError('REGISTRY_UNAVAILABLE', 'the registry is away');
    return value;
  };
  const registry: FakeRegistry = {
    isAway: false,
    asked,
    add: (id, type) => types.set(id, type),
    async typeOf(id) {
      asked.push(id);
      return answer(types.get(id));
    },
    async idOf(subject) {
      const name = eventNames.find((candidate) => subjectOf(candidate) === subject);
      return answer(name === undefined ? undefined : idOf(name));
    },
    register: async () => answer(1),
  };
  return registry;
}

/** The schema id of an event in the fake registry. */
export const idOf = (name: EventName): number => 100 + eventNames.indexOf(name);

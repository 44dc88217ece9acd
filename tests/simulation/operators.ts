import { type MessageId, type ServiceName, serviceNames, type TopicName } from '@skald/contracts';
import type { ParkedRow } from './database/parking-statements.ts';
import type { Harm } from './faults.ts';
import { rowsOf, type World } from './world.ts';

/** People who look after what is parked: they redrive what can be mended by that, and give up what nobody can read. */
export interface Operators {
  /** One act upon any dead letter, wise or not. */
  actByChance(service: ServiceName, action: 'redrive' | 'discard'): void;
  /** Takes one look at everything, and acts where nothing is under way. */
  tidyUp(): void;
  /** Acts that are under way. */
  readonly open: number;
}

const AGAIN_MS = 400;

export function createOperators(world: World, harm: Harm): Operators {
  const { scheduler } = world;
  const busy = new Set<ServiceName>();
  const tried = new Set<string>();

  const act = (service: ServiceName, row: ParkedRow, action: 'redrive' | 'discard') => {
    const instance = (world.instances.get(service) ?? []).find(({ alive }) => alive);
    if (instance === undefined || busy.has(service)) return;
    busy.add(service);
    const message: MessageId = {
      topic: row.topic as TopicName,
      partition: row.partition,
      offset: row.offset,
    };
    const request = { messages: [message], by: 'an operator', reason: 'simulated', acceptGap: false };
    let isOver = false;
    // Whatever is said, or not said in time: the next look at the rows tells what has come of it.
    const done = () => {
      if (isOver) return;
      isOver = true;
      busy.delete(service);
    };
    scheduler.schedule(7_000, undefined, 'an operator has waited long enough', done);
    scheduler.schedule(scheduler.latency(), instance, `an operator asks to ${action}`, () => {
      instance.kernel.operator[action](request).then(done, () =>
        scheduler.schedule(AGAIN_MS, undefined, 'an operator looks again', done),
      );
    });
  };

  const failedOf = (service: ServiceName) =>
    rowsOf(world.tables[service].parked).filter(
      ({ state, error_code: code }) => state === 'parked' && code !== null,
    );

  return {
    get open() {
      return busy.size;
    },
    actByChance(service, action) {
      const failed = failedOf(service);
      if (failed.length === 0) return;
      const row = scheduler.random.pick(failed);
      // What can be read is needed: giving it up would leave its order without an end.
      const isForeign = harm.foreign.has(`${row.topic}/${row.partition}@${row.offset}`);
      act(service, row, isForeign ? action : 'redrive');
    },
    tidyUp() {
      for (const service of serviceNames) {
        for (const row of failedOf(service)) {
          const place = `${row.topic}/${row.partition}@${row.offset}`;
          const isForeign = harm.foreign.has(place);
          const name = `${service} ${place}`;
          act(service, row, isForeign && tried.has(name) ? 'discard' : 'redrive');
          if (busy.has(service)) tried.add(name);
        }
      }
    },
  };
}

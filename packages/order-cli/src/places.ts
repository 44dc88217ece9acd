import { CommandError, readStateFile } from '@skald/command-line';
import { z } from 'zod';
import type { Surroundings } from './config.ts';

export interface PlaceFlags {
  readonly orderUrl: string | undefined;
  readonly orderViewUrl: string | undefined;
  readonly brokers: string | undefined;
  /** Where `state.json` of a local stack lies. */
  readonly directory: string;
}

/** Where what the command asks is. */
export interface Places {
  /** Throws a CommandError that says how to start or name it. */
  url(service: 'order' | 'order-view'): string;
  readonly brokers: readonly string[] | undefined;
}

const stateSchema = z.object({
  ports: z.record(z.string(), z.int()),
  witnesses: z.object({ kafka: z.object({ brokers: z.array(z.string()).min(1) }) }).optional(),
});

/** Flags first, then the environment, then what a local stack has noted in its data folder. */
export function findPlaces(flags: PlaceFlags, told: Surroundings): Places {
  const state = readStateFile(flags.directory, stateSchema);
  const known = {
    order: flags.orderUrl ?? told.orderUrl,
    'order-view': flags.orderViewUrl ?? told.orderViewUrl,
  };
  return {
    url(service) {
      const port = state?.ports[service];
      const url = known[service] ?? (port === undefined ? undefined : `http://127.0.0.1:${port}`);
      if (url !== undefined) return url;
      throw new CommandError(
        `Where is ${service}? Nothing is noted in ${flags.directory}/state.json: start it with \`npm start\`, or give --${service}-url`,
      );
    },
    brokers: (flags.brokers ?? told.brokers)?.split(',') ?? state?.witnesses?.kafka.brokers,
  };
}

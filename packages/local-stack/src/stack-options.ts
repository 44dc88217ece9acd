import type { StackAddresses } from './addresses.ts';
import type { Route } from './routes.ts';
import { instanceName, type StackEnvironment } from './service-processes.ts';
import { type CompanionName, type ProgramName, type ServiceName, serviceNames } from './services.ts';

export interface StackOptions {
  /** The data folder, kept between starts. Default: `.skald` */
  readonly directory?: string;
  /** Wipe the data first. */
  readonly fresh?: boolean;
  /** Default: all */
  readonly services?: 'all' | 'none' | readonly ServiceName[];
  /** Services beside the saga, as dead-letters is: one instance each. Default: none */
  readonly companions?: readonly CompanionName[];
  /** Arguments of an auditor that looks at everything again and again, and whose verdict the console shows. Default: there is none */
  readonly audits?: readonly string[];
  /** Of each service. Default: 1 */
  readonly instances?: number;
  /** 1 or 3; with three, each record is on all of them, and one may be away. Default: 1 */
  readonly brokers?: number;
  /** A search engine as well, which order-view then reads from. Default: false */
  readonly search?: boolean;
  /** What stands between the services' instances and what they stand on. Default: nothing */
  readonly route?: Route;
  readonly environment?: StackEnvironment;
  /** Create the topics and register the schemas. Default: if there are services. */
  readonly provision?: boolean;
  /** Called when topics and schemas are there, before the services start. */
  beforeServices?(addresses: StackAddresses): Promise<void>;
  /** Start again what dies. Default: true */
  readonly restart?: boolean;
  /** For the services' Node, such as `--max-old-space-size=256`. */
  readonly nodeArguments?: readonly string[];
  onProgress?(line: string): void;
  /** Gives up a start that is under way: `startStack` then stops what runs, and throws. */
  readonly signal?: AbortSignal;
}

/** Name and service of each instance that these options ask for. */
export function instances({
  services = 'all',
  companions = [],
  instances: count = 1,
}: StackOptions): [name: string, service: ProgramName][] {
  const chosen = services === 'all' ? serviceNames : services === 'none' ? [] : services;
  const ofSaga = chosen.flatMap((service) =>
    Array.from({ length: count }, (_, index): [string, ProgramName] => [
      instanceName(service, index + 1),
      service,
    ]),
  );
  return [...ofSaga, ...companions.map((name): [string, ProgramName] => [name, name])];
}

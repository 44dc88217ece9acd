import { parseFlags, UsageError } from '@skald/command-line';
import {
  type CompanionName,
  companionNames,
  programNames,
  type ServiceName,
  serviceNames,
} from './services.ts';

export interface CommandOptions {
  readonly directory: string;
  readonly fresh: boolean;
  readonly instances: number;
  readonly services: 'all' | 'none' | readonly ServiceName[];
  readonly companions: readonly CompanionName[];
  /** A search engine beside the database. */
  readonly search: boolean;
  /** An auditor beside the console. */
  readonly audits: boolean;
  readonly demo: boolean;
  readonly json: boolean;
}

/** `start`: the whole system. `stack`: what it stands on, without services. */
export type CommandName = 'start' | 'stack';

const infrastructureHelp = `
  --search           OpenSearch as well (about 65 MB, once); order-view then searches there, not in Postgres
  --fresh            wipe the data first
  --directory <dir>  the data folder (default: .skald)
  --json             when all is ready, print one line of JSON with every address on stdout and nothing else
                     (npm adds a banner of its own: npm --silent ${'…'} leaves it out)
  --help             this text`;

const help: Readonly<Record<CommandName, string>> = {
  start: `npm start -- [options]

Starts Kafka, the registry, Postgres, a mail sink, the payment provider's simulator and the services, then
places a first order. Ctrl-C stops everything. The data stays in .skald/, the logs in .skald/logs/.

  --no-demo          place no order
  --no-audit         no auditor beside the console (it takes 5 % of the time at most)
  --instances <n>    of each service (default: 1)
  --only <a,b>       these services alone (${programNames.join(', ')})${infrastructureHelp}

Variables of the services, such as LOG_LEVEL=debug or ORDER_DEADLINE_MS=30000, are passed on.`,
  stack: `npm run stack -- [options]

Starts Kafka with its topics, the registry with its schemas, Postgres with a database for each service, and a mail
sink: for services that you start yourself. Ctrl-C stops everything. The data stays in .skald/.
${infrastructureHelp}`,
};

/** Undefined when help was asked for and printed. Throws a UsageError. */
export function parseOptions(command: CommandName, args: readonly string[]): CommandOptions | undefined {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(`${help[command]}\n`);
    return undefined;
  }
  const isForServices =
    values.only !== undefined ||
    values.instances !== undefined ||
    values['no-demo'] !== undefined ||
    values['no-audit'] !== undefined;
  if (command === 'stack' && isForServices)
    throw new UsageError('`npm run stack` starts no services: see --help');
  const { services, companions } = command === 'stack' ? nothing : parseServices(values.only);
  return {
    directory: values.directory ?? '.skald',
    fresh: values.fresh ?? false,
    instances: parseInstances(values.instances ?? '1'),
    services,
    companions,
    search: values.search ?? false,
    audits: services === 'all' && !values['no-audit'],
    demo: services === 'all' && !values['no-demo'] && !values.json,
    json: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseFlags({
    args: [...args],
    options: {
      fresh: { type: 'boolean' },
      json: { type: 'boolean' },
      search: { type: 'boolean' },
      'no-demo': { type: 'boolean' },
      'no-audit': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      instances: { type: 'string' },
      only: { type: 'string' },
      directory: { type: 'string' },
    },
  });
}

function parseInstances(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 9)
    throw new UsageError(`--instances is a number from 1 to 9, not ${text}`);
  return count;
}

type Chosen = Pick<CommandOptions, 'services' | 'companions'>;

const nothing: Chosen = { services: 'none', companions: [] };

function parseServices(text: string | undefined): Chosen {
  if (text === undefined) return { services: 'all', companions: companionNames };
  const chosen = text.split(',').map((name) => name.trim());
  const unknown = chosen.find((name) => !programNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no service ${unknown}: ${programNames.join(', ')}`);
  return {
    services: serviceNames.filter((name) => chosen.includes(name)),
    companions: companionNames.filter((name) => chosen.includes(name)),
  };
}

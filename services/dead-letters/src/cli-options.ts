import type { ParseArgsConfig } from 'node:util';
import {
  flag,
  helpFlag,
  moment,
  parseFlags,
  textFlag as text,
  UsageError,
  wholeNumber,
} from '@skald/command-line';
import { groupNames } from '@skald/contracts';
import { type CommandName, commandNames, helpOf } from './cli-help.ts';
import { filterFields } from './filter.ts';

/** A dead letter as it is written: `payment/orders.events/3/1042`. */
export interface Name {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Options {
  readonly command: CommandName;
  readonly names: readonly Name[];
  readonly filter: Readonly<Record<string, string>>;
  readonly all: boolean;
  readonly state: string;
  readonly limit: number;
  readonly rate: number;
  readonly acceptGap: boolean;
  readonly each: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly by: string | undefined;
  readonly reason: string | undefined;
  readonly file: string | undefined;
  readonly data: string | undefined;
  readonly event: string | undefined;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly directory: string;
}

const places = {
  url: text,
  token: text,
  directory: text,
  json: flag,
  ...helpFlag,
} as const;
const filters = { group: text, topic: text, code: text, key: text, from: text, to: text, text } as const;
const selection = { ...filters, all: flag, each: flag, rate: text } as const;
const gap = { 'accept-gap': flag } as const;
const actor = { by: text, reason: text } as const;

/** What each command takes. */
const flags: Readonly<Record<CommandName, NonNullable<ParseArgsConfig['options']>>> = {
  list: { ...places, ...filters, state: text, limit: text },
  show: places,
  try: { ...places, ...selection, ...gap },
  redrive: { ...places, ...selection, ...gap, ...actor, yes: flag },
  discard: { ...places, ...selection, ...actor, yes: flag },
  edit: { ...places, ...actor, file: text, data: text, event: text },
  log: { ...places, group: text, limit: text },
};

type Values = Readonly<Record<string, unknown>>;

/**
 * Undefined: help was asked for, and `onHelp` has it.
 * @throws UsageError
 */
export function parseOptions(
  args: readonly string[],
  now: number,
  onHelp: (help: string) => void,
): Options | undefined {
  const [first, ...rest] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    onHelp(helpOf(undefined));
    if (first === undefined) throw new UsageError('Name a command');
    return undefined;
  }
  const command = commandNames.find((name) => name === first);
  if (command === undefined) throw new UsageError(`There is no command ${first}: ${commandNames.join(', ')}`);
  const { values, positionals } = parse(command, rest);
  if (values['help'] === true) {
    onHelp(helpOf(command));
    return undefined;
  }
  return checked(command, optionsOf(command, values, positionals, now));
}

function parse(command: CommandName, args: readonly string[]): { values: Values; positionals: string[] } {
  const config = { args: [...args], options: flags[command], allowPositionals: true } as const;
  return parseFlags(config, `See: npm run dlq -- ${command} --help`);
}

function optionsOf(
  command: CommandName,
  values: Values,
  positionals: readonly string[],
  now: number,
): Options {
  const textOf = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const given = Object.keys(filterFields).flatMap((name) => {
    const value = command === 'log' ? undefined : textOf(name);
    if (value === undefined) return [];
    return [[name, name === 'from' || name === 'to' ? moment(name, value, now) : value]];
  });
  return {
    command,
    names: positionals.map(parseName),
    filter: Object.fromEntries(command === 'log' && textOf('group') ? [['group', textOf('group')]] : given),
    all: values['all'] === true,
    state: textOf('state') ?? 'open',
    limit: wholeNumber('limit', textOf('limit') ?? (command === 'log' ? '50' : '20'), [1, 1_000_000]),
    rate: wholeNumber('rate', textOf('rate') ?? '50', [1, 1_000]),
    acceptGap: values['accept-gap'] === true,
    each: values['each'] === true,
    yes: values['yes'] === true,
    json: values['json'] === true,
    by: textOf('by'),
    reason: textOf('reason'),
    file: textOf('file'),
    data: textOf('data'),
    event: textOf('event'),
    url: textOf('url'),
    token: textOf('token'),
    directory: textOf('directory') ?? '.skald',
  };
}

/** @throws UsageError for what doesn't go together */
function checked(command: CommandName, options: Options): Options {
  const { names, filter, all } = options;
  const isFiltered = Object.keys(filter).length > 0;
  const selects = command === 'try' || command === 'redrive' || command === 'discard';
  if (selects && [names.length > 0, isFiltered, all].filter(Boolean).length !== 1)
    throw new UsageError(`${command} wants dead letters by name, or a filter, or --all. See --help`);
  if ((command === 'show' || command === 'edit') && names.length !== 1)
    throw new UsageError(`${command} wants one dead letter, such as payment/orders.events/3/1042`);
  if ((command === 'list' || command === 'log') && names.length > 0)
    throw new UsageError(`${command} takes filters alone. See --help`);
  if (options.yes && !options.reason?.trim())
    throw new UsageError('--yes wants a --reason: it goes into the audit log');
  if (command === 'edit' && !options.reason?.trim())
    throw new UsageError('edit wants a --reason: it goes into the audit log');
  if (options.file !== undefined && options.data !== undefined)
    throw new UsageError('--file or --data, not both');
  return options;
}

export function parseName(written: string): Name {
  const [group = '', topic = '', partition = '', offset = '', ...more] = written.split('/');
  const isWhole = /^\d{1,15}$/.test(partition) && /^\d{1,15}$/.test(offset) && more.length === 0;
  if (!isWhole || !groupNames.some((name) => name === group) || topic === '')
    throw new UsageError(
      `${written} names no dead letter: <group>/<topic>/<partition>/<offset>, as \`list\` shows it`,
    );
  return { group, topic, partition: Number(partition), offset: Number(offset) };
}

export const writeName = ({ group, topic, partition, offset }: Name): string =>
  `${group}/${topic}/${partition}/${offset}`;

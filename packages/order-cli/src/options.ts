import {
  duration,
  flag,
  helpFlag,
  moment,
  parseFlags,
  textFlag as text,
  textsFlag as texts,
  UsageError,
  wholeNumber,
} from '@skald/command-line';
import { testAddresses, testCards } from '@skald/contracts';
import { type CommandName, commandNames, helpOf } from './help.ts';
import type { PlaceFlags } from './places.ts';
import type { OrderRequest } from './shop.ts';

export interface CommonOptions extends PlaceFlags {
  readonly json: boolean;
  /** How long is waited at most, ms; undefined: for ever. */
  readonly timeoutMs: number | undefined;
}

export interface PlaceOptions {
  readonly request: OrderRequest;
  readonly key: string | undefined;
  readonly count: number | undefined;
  readonly wait: boolean;
}

export type Task =
  | ({ readonly command: 'place' } & PlaceOptions)
  | { readonly command: 'show' | 'trace'; readonly orderId: string }
  | { readonly command: 'watch'; readonly orderId: string | undefined }
  | { readonly command: 'cancel'; readonly orderId: string; readonly wait: boolean }
  | { readonly command: 'list'; readonly query: Readonly<Record<string, string>>; readonly limit: number };

export type Options = CommonOptions & Task;

const places = {
  json: flag,
  directory: text,
  'order-url': text,
  'order-view-url': text,
  ...helpFlag,
} as const;

const flags = {
  place: {
    ...places,
    sku: texts,
    card: text,
    address: text,
    customer: text,
    email: text,
    'idempotency-key': text,
    count: text,
    wait: flag,
    timeout: text,
  },
  show: places,
  watch: { ...places, timeout: text },
  trace: { ...places, brokers: text },
  cancel: { ...places, 'no-wait': flag, timeout: text },
  list: {
    ...places,
    customer: text,
    sku: text,
    status: text,
    'waits-for': text,
    text,
    'min-amount': text,
    'max-amount': text,
    currency: text,
    from: text,
    to: text,
    oldest: flag,
    limit: text,
  },
} as const;

type Values = Readonly<Record<string, string | boolean | string[] | undefined>>;

const WAIT_MS = 60_000;
const MOST_ORDERS = 1_000_000;

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
  const { values, positionals } = parseFlags(
    { args: rest, options: flags[command], allowPositionals: true },
    `See: npm run order -- ${command} --help`,
  ) as { values: Values; positionals: string[] };
  if (values['help'] === true) {
    onHelp(helpOf(command));
    return undefined;
  }
  return { ...commonOf(command, values), ...taskOf(command, values, positionals, now) };
}

const textIn = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

function commonOf(command: CommandName, values: Values): CommonOptions {
  const timeout = textIn(values, 'timeout');
  const waitMs = command === 'watch' ? undefined : WAIT_MS;
  return {
    json: values['json'] === true,
    directory: textIn(values, 'directory') ?? '.skald',
    orderUrl: textIn(values, 'order-url'),
    orderViewUrl: textIn(values, 'order-view-url'),
    brokers: textIn(values, 'brokers'),
    timeoutMs: timeout === undefined ? waitMs : duration('timeout', timeout),
  };
}

function taskOf(command: CommandName, values: Values, positionals: readonly string[], now: number): Task {
  const [first, ...more] = positionals;
  const takesId = command !== 'place' && command !== 'list';
  if (more.length > 0 || (!takesId && first !== undefined))
    throw new UsageError(
      `${command} takes ${takesId ? 'one id' : 'options alone'}, not ${positionals.join(' ')}`,
    );
  if (command === 'place') return { command, ...placeOptions(values) };
  if (command === 'list') return { command, ...listOptions(values, now) };
  if (command === 'watch') return { command, orderId: first === undefined ? undefined : orderIdOf(first) };
  if (first === undefined)
    throw new UsageError(`${command} wants the id of an order, as \`place\` prints it`);
  const orderId = orderIdOf(first);
  return command === 'cancel' ? { command, orderId, wait: values['no-wait'] !== true } : { command, orderId };
}

function orderIdOf(written: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(written)) return written.toLowerCase();
  throw new UsageError(`${written} is no order id: a UUID, as \`place\` prints it`);
}

function placeOptions(values: Values): PlaceOptions {
  const customer = textIn(values, 'customer') ?? 'ada';
  const count = textIn(values, 'count');
  const key = textIn(values, 'idempotency-key');
  if (count !== undefined && key !== undefined)
    throw new UsageError('--idempotency-key is of one order: not with --count');
  const wait = values['wait'] === true;
  if (!wait && values['timeout'] !== undefined) throw new UsageError('--timeout is for --wait');
  const skus = values['sku'];
  return {
    key,
    wait,
    count: count === undefined ? undefined : wholeNumber('count', count, [1, MOST_ORDERS]),
    request: {
      customerId: customer,
      email: textIn(values, 'email') ?? `${customer}@example.org`,
      currency: 'EUR',
      items: (Array.isArray(skus) ? skus : ['SKU-0001']).map(itemOf),
      shippingAddress: preset('address', textIn(values, 'address') ?? 'berlin', testAddresses).address,
      paymentMethod: cardOf(textIn(values, 'card') ?? 'visa'),
    },
  };
}

/** Whether there is such a product, and how many pieces are too many, order says. */
function itemOf(written: string): { sku: string; quantity: number } {
  const [sku = '', quantity = '1', ...more] = written.split(':');
  if (sku === '' || more.length > 0)
    throw new UsageError(`--sku is a product, and how many: SKU-0001:2, not ${written}`);
  return { sku, quantity: wholeNumber('sku', quantity, [0, Number.MAX_SAFE_INTEGER]) };
}

const cardOf = (written: string): string =>
  written.startsWith('tok_') ? written : preset('card', written, testCards).paymentMethod;

function preset<Presets extends Readonly<Record<string, unknown>>>(
  name: string,
  written: string,
  presets: Presets,
): Presets[keyof Presets] {
  if (Object.hasOwn(presets, written)) return presets[written as keyof Presets];
  throw new UsageError(`--${name} is one of ${Object.keys(presets).join(', ')}, not ${written}`);
}

/** Flags and what order-view calls the same. */
const filters = {
  customer: 'customerId',
  sku: 'sku',
  status: 'status',
  'waits-for': 'waitsFor',
  text: 'text',
  currency: 'currency',
} as const;

function listOptions(values: Values, now: number): { query: Record<string, string>; limit: number } {
  const query: Record<string, string> = {};
  const take = (name: string, field: string, read: (written: string) => string) => {
    const written = textIn(values, name);
    if (written !== undefined) query[field] = read(written);
  };
  for (const [name, field] of Object.entries(filters))
    take(name, field, (written) =>
      name === 'status' || name === 'currency' ? written.toUpperCase() : written,
    );
  take('min-amount', 'minAmount', (written) => minorUnits('min-amount', written));
  take('max-amount', 'maxAmount', (written) => minorUnits('max-amount', written));
  take('from', 'from', (written) => moment('from', written, now));
  take('to', 'to', (written) => moment('to', written, now));
  if (values['oldest'] === true) query['sort'] = 'oldest';
  return { query, limit: wholeNumber('limit', textIn(values, 'limit') ?? '20', [1, MOST_ORDERS]) };
}

/** `49.90` → 4990 */
function minorUnits(name: string, written: string): string {
  const [, whole, cents = ''] = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(written) ?? [];
  if (whole === undefined) throw new UsageError(`--${name} is money such as 49.90, not ${written}`);
  return String(Number(whole) * 100 + Number(cents.padEnd(2, '0')));
}

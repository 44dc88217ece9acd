import { parseFlags, UsageError } from '@skald/command-line';
import { DEFAULT_STUCK_AFTER_MS } from './judge.ts';

export interface CommandOptions {
  /** Where `state.json` of a local stack lies. */
  readonly directory: string;
  readonly json: boolean;
  readonly noPoison: boolean;
  readonly wholeMailbox: boolean;
  readonly stuckAfterMs: number;
  readonly ignoreSources: readonly string[];
  /** A file with an order's id on each line. */
  readonly accepted: string | undefined;
  /** Audits again and again, so many ms after the last one has begun. */
  readonly everyMs: number | undefined;
  /** Of the time, 0 to 1: what the audits may take, at most. */
  readonly share: number;
  readonly port: number;
  readonly brokers: string | undefined;
  readonly registry: string | undefined;
  readonly database: string | undefined;
  readonly paymentProvider: string | undefined;
  readonly mails: string | undefined;
}

export const help = `npm run audit -- [options]

Reads all topics, databases (with a role that can't write), the payment provider's ledger and the mailbox of a running system,
and says which of its promises are kept. It changes nothing, and may run at any time: what is merely on its way is no violation.

  --json                  the whole report as JSON on stdout
  --stuck-after <time>    what waits for so long is stuck (default: 60s)
  --accepted <file>       the ids of orders that were answered with 2xx, one a line: each must exist
  --no-poison             nobody has sent poison: each dead letter is a violation
  --whole-mailbox         nobody has deleted mails: each one that is missing is a violation, however old
  --ignore-source <name>  leave out records with this ce_source (may be given several times)

  --every <time>          again and again, and serve Prometheus metrics at /metrics, until SIGTERM (each pass reads everything)
  --share <percent>       rest so long after each that auditing takes no more of the time (default: 100)
  --port <n>              for the metrics (default: 9464; 0: any)

Next to \`npm start\` it finds all by itself. Elsewhere (or by the variables in brackets):
  --directory <dir>       the data folder of a local stack (default: .skald)
  --brokers <a:1,b:2>     [KAFKA_BROKERS]
  --registry <url>        [SCHEMA_REGISTRY_URL] its Confluent-compatible API
  --database <url>        [AUDITOR_DATABASE_URL] of a role that may read, with {service} for the service's name
  --payment-provider <url> [PAYMENT_PROVIDER_URL]
  --mails <url>           [MAILS_URL] where GET answers all mails as JSON
  --help                  this text

Times: 500ms, 30s, 5m. Exit code: 0 all is well, 1 something is violated, 2 it could not be audited.`;

/** Undefined when help is asked for. Throws a UsageError. */
export function parseOptions(args: readonly string[]): CommandOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const port = Number(values.port ?? 9464);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port is a number from 0 to 65535, not ${values.port}`);
  if (values.port !== undefined && values.every === undefined)
    throw new UsageError('--port is for the metrics of --every');
  return {
    directory: values.directory ?? '.skald',
    json: values.json ?? false,
    noPoison: values['no-poison'] ?? false,
    wholeMailbox: values['whole-mailbox'] ?? false,
    stuckAfterMs:
      values['stuck-after'] === undefined
        ? DEFAULT_STUCK_AFTER_MS
        : parseTime('stuck-after', values['stuck-after']),
    ignoreSources: values['ignore-source'] ?? [],
    accepted: values.accepted,
    everyMs: values.every === undefined ? undefined : parseTime('every', values.every),
    share: parseShare(values.share),
    port,
    brokers: values.brokers,
    registry: values.registry,
    database: values.database,
    paymentProvider: values['payment-provider'],
    mails: values.mails,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  return parseFlags({
    args: [...args],
    options: {
      json: flag,
      'no-poison': flag,
      'whole-mailbox': flag,
      help: { type: 'boolean', short: 'h' },
      'ignore-source': { type: 'string', multiple: true },
      'stuck-after': text,
      accepted: text,
      every: text,
      share: text,
      port: text,
      directory: text,
      brokers: text,
      registry: text,
      database: text,
      'payment-provider': text,
      mails: text,
    },
  });
}

function parseShare(text: string | undefined): number {
  if (text === undefined) return 1;
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1]);
  if (!(percent > 0 && percent <= 100))
    throw new UsageError(`--share is a percentage above 0, such as 5, not ${text}`);
  return percent / 100;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function parseTime(name: string, text: string): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--${name} is a time such as 30s, not ${text}`);
  return ms;
}

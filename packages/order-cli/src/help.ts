import { scarceProducts, testAddresses, testCards } from '@skald/contracts';

export const commandNames = ['place', 'show', 'watch', 'trace', 'cancel', 'list'] as const;
export type CommandName = (typeof commandNames)[number];

const places = `
  --json                 JSON on standard output, a line each
  --directory <dir>      the data folder of a local stack (default: .skald): next to \`npm start\` all is found there
  --order-url <url>      [ORDER_URL] where order is
  --order-view-url <url> [ORDER_VIEW_URL] where order-view is
  --help                 this text`;

const presetLines = (presets: Readonly<Record<string, { readonly does: string }>>): string =>
  Object.entries(presets)
    .map(([name, { does }]) => `                           ${name.padEnd(19)} ${does}`)
    .join('\n');

const timeout = (more: string): string => `
  --timeout <time>       give up waiting after it: 30s, 5m${more}`;

const help: Readonly<Record<CommandName, string>> = {
  place: `npm run order -- place [options]

Places an order, and prints its id. Without options: a lamp for ada, which is paid, delivered and CONFIRMED.

  --sku <sku>[:<n>]      what, and how many pieces; several times for several products (default: SKU-0001)
${Object.entries(scarceProducts)
  .map(([sku, does]) => `                           ${sku.padEnd(19)} ${does}`)
  .join('\n')}
  --card <name>          how it is paid; or a token of the provider, tok_…   (default: visa)
${presetLines(testCards)}
  --address <name>       where it goes                                        (default: berlin)
${presetLines(testAddresses)}
  --customer <id>        whose (default: ada)
  --email <address>      where mails go (default: <customer>@example.org)
  --idempotency-key <k>  the same key again is the same order (default: a new one)
  --count <n>            so many orders, several at a time
  --wait                 wait until nothing of it is to come, and show it${timeout(' (default: 60s)')}
${places}

Where standard output is no terminal, --count prints an id a line.
Exit codes: 0 placed, with --wait CONFIRMED; 1 refused; 2 wrong arguments; 3 CANCELLED (--wait); 4 not ended in time; 130 Ctrl-C.`,
  show: `npm run order -- show <id> [options]

Everything that is known of an order: status, lines with their stock, payment, shipment, mails, each step with its time and what it
took, the steps still to come, and the one that it waits for.
${places}

Exit codes: 0; 1 there is no such order, or nobody answers; 2 wrong arguments.`,
  watch: `npm run order -- watch [<id>] [options]

A line for each step that an order takes, as it happens: of all orders, until Ctrl-C; of one, until nothing of it is to come.
When the server restarts, it goes on where it was.
${timeout(' (default: never)')}
${places}

Exit codes: 0 CONFIRMED, or Ctrl-C without an id; 1 there is no such order, or nobody answers; 2 wrong arguments; 3 CANCELLED;
4 not ended in time; 130 Ctrl-C.`,
  trace: `npm run order -- trace <id> [options]

The journey of an order by cause: under each event those that it called for, with times, what each took, and where it lies. Its
trace's id comes from Kafka; TRACE_URL=http://…/{traceId} makes a link of it.

  --brokers <a:1,b:2>    [KAFKA_BROKERS]
${places}

Exit codes: 0; 1 there is no such order, or nobody answers; 2 wrong arguments.`,
  cancel: `npm run order -- cancel <id> [options]

Cancels an order that is not confirmed yet, waits until all of it is taken back, and tells what was.

  --no-wait              don't wait${timeout(' (default: 60s)')}
${places}

Exit codes: 0 cancelled; 1 it can't be (it is confirmed, there is no such order), or nobody answers; 2 wrong arguments; 4 not all
was taken back in time; 130 Ctrl-C.`,
  list: `npm run order -- list [options]

Orders, newest first, and how many there are of which kind. All filters hold at once.

  --customer <id>        whose
  --sku <sku>            with a line of this product
  --status <status>      PENDING, CONFIRMED, CANCELLED
  --waits-for <service>  the service that owes the next step
  --text <words>         words in the names of products; or 8 digits or more of an id, from its beginning
  --min-amount, --max-amount <money>   such as 49.90
  --currency <code>      such as EUR
  --from, --to <time>    placed then: 2026-01-31T12:00Z, or so long ago: 90m, 2h, 7d
  --oldest               oldest first: with --status PENDING, the stuck ones
  --limit <n>            so many (default: 20)
${places}

Exit codes: 0; 1 a filter is refused, or nobody answers; 2 wrong arguments.`,
};

const overview = `npm run order -- <command> [options]

Orders from the command line: in colours on a terminal (NO_COLOR=1 forbids them, FORCE_COLOR=1 asks for them), plain when piped.

  place         place one, or many; with cards and addresses for each way of ending
  show <id>     all that is known of one
  watch [<id>]  each step as it happens
  trace <id>    its journey: which event called for which
  cancel <id>   cancel one, and see what is taken back
  list          search

npm run order -- <command> --help tells the rest. In scripts: npm --silent run order -- …, and --json.`;

export const helpOf = (command: CommandName | undefined): string =>
  command === undefined ? overview : help[command];

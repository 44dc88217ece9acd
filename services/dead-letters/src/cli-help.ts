export const commandNames = ['list', 'show', 'try', 'edit', 'redrive', 'discard', 'log'] as const;
export type CommandName = (typeof commandNames)[number];

const places = `
  --url <url>         where dead-letters is   (default: what runs in the data folder)
  --token <token>     the operator token      (default: OPERATOR_TOKEN, or the data folder's)
  --directory <dir>   the data folder         (default: .skald)
  --json              JSON on standard output, a line each`;

const filters = `
  --group <service>   the consumer group that could not handle it
  --topic <topic>     the topic the message came from
  --code <code>       the error code, such as UNDECODABLE
  --key <key>         the whole key
  --text <text>       somewhere in key, event, error, headers or value
  --from, --to <time> failed first then: 2026-01-31T12:00Z, or so long ago: 90m, 2h, 7d`;

const selection = `
A dead letter is named <group>/<topic>/<partition>/<offset>, as \`list\` shows it. Or a filter:
${filters}
  --all               every open one

  --rate <n>          messages a second, at most (default: 50)
  --each              tell of each message, also of many`;

const actor = `
  --yes               do it: without, it is only said what would happen
  --reason <text>     why: goes into the audit log. Needed with --yes
  --by <name>         who: goes into the audit log (default: you)`;

const gap = `
  --accept-gap        take a message in though its predecessors are missing: should they still come,
                      they count as duplicates`;

const help: Readonly<Record<CommandName, string>> = {
  list: `npm run dlq -- list [options]

Dead letters, newest first, and how many there are of which kind.
${filters}
  --state <state>     open (default), redriven, discarded, all
  --limit <n>         so many (default: 20)
${places}`,
  show: `npm run dlq -- show <group>/<topic>/<partition>/<offset> [options]

Everything about one: its value decoded, or in hex; headers; error and stack; what waits behind it; the events of its key
before and after; where its trace is.
${places}`,
  try: `npm run dlq -- try <dead letter …> | <filter> | --all [options]

What redrives would do: each service runs its real handler, in a transaction that is rolled back.
applies: with the events and effects that follow · remembered: too early · ignored: with the reason ·
duplicate: was applied before · fails: with the error · not-reached: an earlier one of its key fails
${selection}${gap}
${places}

Exit code 1 if any would fail.`,
  redrive: `npm run dlq -- redrive <dead letter …> | <filter> | --all [options]

Sends dead letters back to the group that failed, and to no other; what waits behind them follows, in order. Without
--yes it only says what would happen.
${selection}${actor}${gap}
${places}

Exit code 1 if any fails again. Ctrl-C ends it at the next message.`,
  discard: `npm run dlq -- discard <dead letter …> | <filter> | --all [options]

Gives dead letters up; what waits behind them goes on, in order. Without --yes it only says what a redrive would do
instead.
${selection}${actor}
${places}

Ctrl-C ends it at the next message.`,
  edit: `npm run dlq -- edit <group>/<topic>/<partition>/<offset> --reason <text> [options]

Replaces the value. Opens $VISUAL or $EDITOR on its JSON, unless it is given. It is checked against the event's schema,
and taken in by the next redrive.

  --file <file>       the new value, as JSON; - is standard input
  --data <json>       the new value
  --event <name>      the event, where neither value nor headers tell
  --reason <text>     why: goes into the audit log
  --by <name>         who: goes into the audit log (default: you)
${places}`,
  log: `npm run dlq -- log [options]

Who did what to dead letters, when and why; newest first.

  --group <service>   of one service alone
  --limit <n>         so many (default: 50)
${places}`,
};

const overview = `npm run dlq -- <command> [options]

Messages that could not be handled: look at them, try them, put them right, send them back.

  list      what there is
  show      everything about one
  try       what a redrive would do; changes nothing
  edit      replace a value
  redrive   send back one, many, or all that match; says what would happen, until you say --yes
  discard   give up one, many, or all that match; the same
  log       who did what, and why

npm run dlq -- <command> --help tells the rest. Exit codes: 0; 1 something failed; 2 wrong arguments.`;

export const helpOf = (command: CommandName | undefined): string =>
  command === undefined ? overview : help[command];

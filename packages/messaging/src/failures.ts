/**
 * What an error is, and what it gets: one table, which the code that classifies consults, and which the README shows
 * (`npm run generate`). A house test holds it against the codes that are thrown and against the tests that it names.
 */

export const kinds = {
  business: 'the business',
  transient: "nobody's: an outage",
  poison: "the message's: poison",
  fatal: 'ours: fatal',
  caller: "the caller's",
  overload: 'too much',
  duplicate: 'a duplicate',
} as const;

export type FailureKind = keyof typeof kinds;

/** A test that makes it happen on the real stack: the file, from the repository's root, and the test's title in it. */
type Proof = readonly [file: string, title: string];

export interface Failure {
  readonly kind: FailureKind;
  /** What happens. */
  readonly when: string;
  /** What becomes of it. */
  readonly gets: string;
  /** Codes of our errors. Services add their own to some. */
  readonly codes: readonly string[];
  /** By which Postgres says so: how its SQLSTATE begins. */
  readonly sqlStates?: readonly string[];
  /** By which the registry says so: its answer's status. */
  readonly registryStatuses?: readonly number[];
  /** By which Kafka says so: its error's type. */
  readonly kafkaTypes?: readonly string[];
  /** It fails in our own hands: too many of these are a mass failure. */
  readonly isOurs?: true;
  readonly shownBy: readonly Proof[];
}

const messaging = (file: string): string => `packages/messaging/src/${file}.int.test.ts`;
const outages = 'tests/faults/outages.e2e.test.ts';
const poison = 'tests/e2e/poison.e2e.test.ts';
const parked =
  "parked under its key, and a dead letter with the very bytes in `<topic>.<group>.dlq`. The key's later messages in that topic wait behind it; all others flow";
const again = 'the transaction is made again, with capped and jittered backoff, for as long as it takes';
const ends = 'exit code 1, with nothing parked; whoever started the process starts it again';

export const failures = [
  {
    kind: 'business',
    when: 'out of stock, declined, unserviceable',
    gets: 'an event (`StockReservationFailed`); never an exception',
    codes: [],
    shownBy: [['tests/e2e/outcomes.e2e.test.ts', '%s is cancelled for %s, and leaves nothing behind']],
  },
  {
    kind: 'transient',
    when: 'Postgres is not there, is starting or stopping, is full, is read-only; a connection breaks',
    gets: `${again}; the partition waits, and nothing is dead-lettered. A command that has waited for 5 s is answered with 503`,
    codes: ['DATABASE_UNAVAILABLE'],
    sqlStates: ['08', '53', '57', '58', '25006'],
    shownBy: [
      [
        messaging('failures'),
        'of Postgres, however long, dead-letters nothing: all goes on in order when it ends',
      ],
      [messaging('reaction-effects'), 'in the middle of a transaction: all of it is done again, once'],
      [outages, 'the database: customers are told to come again, and every service says what it lacks'],
    ],
  },
  {
    kind: 'transient',
    when: 'a lock that is not to be had in time, a statement that takes too long',
    gets: 'the same',
    codes: [],
    sqlStates: ['55P03', '57014'],
    shownBy: [[messaging('failures'), 'by %s is waited out: the partition waits, and goes on in order']],
  },
  {
    kind: 'transient',
    when: 'a deadlock, a conflict, a key that another instance has just created, parking that an operator has just changed',
    gets: 'the same, at once',
    codes: ['KEY_CREATED', 'PARKING_CHANGED'],
    sqlStates: ['40'],
    shownBy: [
      [messaging('reaction-effects'), 'that deadlock both get there, and nothing is parked'],
      [messaging('reaction-effects'), 'that read the same messages at once apply each once'],
    ],
  },
  {
    kind: 'transient',
    when: 'a table that was altered under a prepared statement',
    gets: 'the same, on a new connection',
    codes: [],
    sqlStates: ['0A000'],
    shownBy: [[messaging('reaction'), 'only since a migration went by is prepared anew']],
  },
  {
    kind: 'transient',
    when: 'Kafka away',
    gets: 'events wait in the outbox, and POST answers 202; from 20,000 waiting entries on, 503. The relay goes on with a new producer, everything in order',
    codes: ['KAFKA_UNAVAILABLE', 'NOT_CONNECTED'],
    shownBy: [
      [outages, 'the broker: orders are taken, also by an instance that has just started'],
      [messaging('provision'), 'is an outage, and leaves no connection behind'],
    ],
  },
  {
    kind: 'transient',
    when: 'another instance has taken over the relay',
    gets: 'this one stops, and stands by',
    codes: ['FENCED', 'LEASE_LOST'],
    kafkaTypes: ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING'],
    shownBy: [
      [messaging('publisher'), 'is fenced by the next one: what it sends late does not arrive (%s)'],
      [messaging('relay-lease'), 'runs out under a holder that sleeps, whose mark is refused from then on'],
    ],
  },
  {
    kind: 'transient',
    when: 'the registry away',
    gets: "consumption waits, once a schema id comes up that isn't known yet",
    codes: ['REGISTRY_UNAVAILABLE'],
    shownBy: [
      [outages, 'the registry: orders go on to their end, and who has to start waits for it and says so'],
      [messaging('provision'), 'that is not there is an outage, whatever its client makes of it'],
    ],
  },
  {
    kind: 'transient',
    when: 'provider, carrier or mail server away, or silent',
    gets: 'the effect is tried again, with backoff, under the same idempotency key. A mail only if it certainly did not leave; else it is `MailUnknown`',
    codes: [],
    shownBy: [
      [
        'services/payment/src/provider.conformance.int.test.ts',
        'may have charged when it did not answer in time, and says so when asked again',
      ],
      ['services/email/src/smtp-mailer.int.test.ts', 'that is down has accepted nothing'],
      ['services/email/src/smtp-mailer.int.test.ts', 'that falls silent after the mail may have accepted it'],
    ],
  },
  {
    kind: 'transient',
    when: 'a stop in the midst of it',
    gets: 'it is given up; what was not committed is read again',
    codes: ['ABANDONED', 'STOPPING'],
    shownBy: [[messaging('kernel'), 'is quick before there ever was a Kafka; until then commands are taken']],
  },
  {
    kind: 'poison',
    when: "bytes that can't be read, an unknown schema, missing headers, the wrong key or topic",
    gets: parked,
    codes: ['UNDECODABLE', 'UNKNOWN_SCHEMA', 'BAD_HEADERS', 'WRONG_KEY', 'WRONG_TOPIC'],
    registryStatuses: [404],
    shownBy: [
      [poison, 'is dead-lettered once by every group that can not handle it, byte for byte, with the reason'],
      [
        poison,
        'parks its key, in that group and topic alone, and what comes later of that key waits behind it',
      ],
    ],
  },
  {
    kind: 'poison',
    when: 'a jump in its sequence',
    gets: 'the same',
    codes: ['SEQUENCE_GAP'],
    shownBy: [
      [poison, 'is dead-lettered once by every group that can not handle it, byte for byte, with the reason'],
    ],
  },
  {
    kind: 'poison',
    when: 'what a rule calls impossible',
    gets: 'the same, under a code of the rule',
    codes: [],
    shownBy: [[messaging('reaction'), 'that %s parks its key alone, and all else of the fetch goes on']],
  },
  {
    kind: 'poison',
    when: 'a handler that throws',
    gets: 'the same',
    codes: ['HANDLER_FAILED'],
    isOurs: true,
    shownBy: [
      [messaging('random-failures'), 'each key is applied in the order produced'],
      [messaging('reaction'), 'that %s parks its key alone, and all else of the fetch goes on'],
    ],
  },
  {
    kind: 'poison',
    when: "a change that can't be saved",
    gets: 'its batch is halved until it is found; then the same',
    codes: ['NOT_SAVED'],
    isOurs: true,
    shownBy: [[messaging('reaction'), 'that %s parks its key alone, and all else of the fetch goes on']],
  },
  {
    kind: 'poison',
    when: 'a message that ends the process',
    gets: 'the same, undecoded, once it was alone at two crashes in a row: at the sixth start ([ADR 8](docs/adr/0008-crash-quarantine.md))',
    codes: ['CRASHED_THE_PROCESS'],
    shownBy: [
      [
        'tests/faults/quarantine.e2e.test.ts',
        'is parked undecoded at the sixth start, byte for byte; everything else flows, and nothing else is parked',
      ],
    ],
  },
  {
    kind: 'poison',
    when: '20,000 parked messages of one partition (`PARKING_CAP`)',
    gets: 'the partition pauses until there is room; the others go on, and nothing is dropped',
    codes: [],
    shownBy: [
      [messaging('failures'), 'pauses while the others go on, and is read on, in order, once there is room'],
    ],
  },
  {
    kind: 'fatal',
    when: 'wrong configuration',
    gets: 'exit code 78, with every wrong variable named',
    codes: [],
    shownBy: [
      [
        'packages/service-kit/src/run.int.test.ts',
        'ends the process with 78, naming every variable and no value',
      ],
    ],
  },
  {
    kind: 'fatal',
    when: "a schema that isn't registered, or that the registry refuses",
    gets: ends,
    codes: ['SCHEMA_NOT_REGISTERED', 'SCHEMA_REFUSED'],
    registryStatuses: [409, 422],
    shownBy: [
      [messaging('provision'), 'is refused by the registry for a schema that old readers could not read'],
      [messaging('fatal'), 'that writes what is not registered does not start'],
    ],
  },
  {
    kind: 'fatal',
    when: 'a failed migration',
    gets: 'the same',
    codes: ['MIGRATION_FAILED'],
    shownBy: [
      [messaging('kernel'), 'fails for a password that is wrong, and for migrations that are not there'],
    ],
  },
  {
    kind: 'fatal',
    when: "SQL that doesn't fit the database, or that the role may not execute",
    gets: 'the same',
    codes: ['WRONG_STATEMENT'],
    sqlStates: ['42'],
    shownBy: [[messaging('reaction'), 'ends the process, and parks nothing']],
  },
  {
    kind: 'fatal',
    when: "an outcome that the rules can't take in, or that can't be saved",
    gets: 'the same',
    codes: ['OUTCOME_REFUSED', 'OUTCOME_NOT_SAVED'],
    shownBy: [[messaging('fatal'), 'that gets an outcome which %s ends']],
  },
  {
    kind: 'fatal',
    when: "a service that breaks the kernel's rules: an event under a key that isn't locked, a topic that isn't its own, a statement behind its COMMIT",
    gets: 'the same',
    codes: [
      'KEY_NOT_LOCKED',
      'UNKNOWN_TOPIC',
      'NOT_A_WRITER',
      'TRANSACTION_OVER',
      'SAVE_FAILED',
      'UNKNOWN_ENTRY',
    ],
    shownBy: [
      [messaging('fatal'), 'that publishes %s ends'],
      [messaging('database'), 'takes no statement behind its COMMIT'],
    ],
  },
  {
    kind: 'fatal',
    when: "a consumer that lags and doesn't move for a minute",
    gets: 'the same',
    codes: [],
    shownBy: [[messaging('fatal'), 'whose client delivers nothing any more ends']],
  },
  {
    kind: 'fatal',
    when: 'half of the last 200 messages failed in the handler: that is a bad deployment, not poison',
    gets: 'no message is taken in any more, and none parked; the process stays up for all else, and says so: `/readyz`, `messaging_consumer_halted`, its log. It goes on when it is started anew; the same build would park nine more at most ([ADR 8](docs/adr/0008-crash-quarantine.md))',
    codes: ['MASS_FAILURE'],
    shownBy: [
      [
        messaging('failures'),
        'takes in no more of them, stays up for all else, and says so; a mended one goes on in order',
      ],
    ],
  },
  {
    kind: 'caller',
    when: 'bad input',
    gets: '4xx problem details with a JSON pointer to each field',
    codes: [],
    shownBy: [['tests/e2e/bad-input.e2e.test.ts', 'refuses %s: %i']],
  },
  {
    kind: 'overload',
    when: '2,000 commands wait, 20,000 events wait for Kafka, or 1,000 requests are in flight; a start or a stop is under way',
    gets: '503 with `Retry-After`',
    codes: ['TOO_MANY_COMMANDS', 'OUTBOX_FULL', 'STARTING', 'STOPPING'],
    shownBy: [
      [messaging('fatal'), 'are refused while too many wait, and while too much waits for Kafka'],
      [messaging('kernel'), 'is quick, and the start ends in peace, before there ever was %s'],
    ],
  },
  {
    kind: 'duplicate',
    when: 'a message that comes again, however late',
    gets: 'known by its sequence, and counted',
    codes: [],
    shownBy: [
      [messaging('reaction'), 'knows a duplicate for ever, in the same fetch and later'],
      [messaging('kernel'), 'takes each event once while instances come and go'],
    ],
  },
] as const satisfies readonly Failure[];

const all: readonly Failure[] = failures;

/** What an exception counts as that says nothing of itself, by what was being done with the message. */
export const unexpected = {
  reading: 'UNDECODABLE',
  handling: 'HANDLER_FAILED',
  saving: 'NOT_SAVED',
} as const satisfies Record<string, (typeof failures)[number]['codes'][number]>;

/** What Postgres means by a SQLSTATE: the row whose beginning fits best. Undefined: it speaks of the data. */
export const kindOfSqlState = (state: string): FailureKind | undefined =>
  all
    .flatMap(({ kind, sqlStates = [] }) => sqlStates.map((beginning) => ({ kind, beginning })))
    .filter(({ beginning }) => state.startsWith(beginning))
    .sort((one, other) => other.beginning.length - one.beginning.length)[0]?.kind;

/** What the registry means by a status. */
export const kindOfRegistryStatus = (status: unknown): FailureKind =>
  all.find(({ registryStatuses }) => registryStatuses?.some((known) => known === status))?.kind ??
  'transient';

/** Our code for a type of Kafka's errors: one of its own means the outage. */
export const codeOfKafkaType = (type: string): string =>
  all.find(({ kafkaTypes }) => kafkaTypes?.includes(type))?.codes[0] ?? type;

const ours = new Set(all.filter(({ isOurs }) => isOurs).flatMap(({ codes }) => codes));

/** Whether it says something against us that a message failed with this code. */
export const isOurs = (code: string | undefined): boolean => code !== undefined && ours.has(code);

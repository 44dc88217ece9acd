import { type EventName, eventsOf, type Operator, type TopicName, topics } from '@skald/contracts';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import { backoffMs, pause } from './backoff.ts';
import type { Saved } from './batch.ts';
import { createBell } from './bell.ts';
import { createCodec } from './codec.ts';
import { type Consumer, createConsumer } from './consumer.ts';
import { createDatabase, type Database, type Queryable } from './database.ts';
import { createDeadlineWorker } from './deadlines.ts';
import { createDrain } from './drain.ts';
import { createEffectWorker, type EffectRunners } from './effects.ts';
import { OverloadError, TransientError } from './errors.ts';
import { createKafkaClient } from './kafkajs-client.ts';
import { createLiveness } from './liveness.ts';
import { type LogClient, partitionName } from './log-client.ts';
import type { MassFailure } from './mass-failure.ts';
import { createKernelMetrics } from './metrics.ts';
import { migrate } from './migrate.ts';
import { createOperator, type OperatorOptions } from './operator.ts';
import { createParkingCap } from './parking-cap.ts';
import { within } from './patience.ts';
import { createProgress } from './progress.ts';
import { createPublisher, type RelayMode } from './publisher.ts';
import { createReaction, type ReactionReport } from './reaction.ts';
import { createReactionLoop, type ReactionLoop } from './reaction-loop.ts';
import type { Reactor } from './reactor.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createRelay } from './relay.ts';
import { readSuspicion, writeSuspicion } from './suspicion.ts';
import { newId, time } from './time.ts';
import { loadTopicOrdinals } from './topic-ordinals.ts';
import { createTracer } from './tracing.ts';
import { createTrial } from './trial.ts';

/** Where everything is. Read from the environment by the service's config.ts. */
export interface KernelSettings {
  /** postgres://role:password@host:port/database */
  readonly databaseUrl: string;
  /** host:port */
  readonly brokers: readonly string[];
  /** Confluent-compatible API: …/apis/ccompat/v7 */
  readonly registryUrl: string;
  /** `idempotent`, or `transactional`: see docs/adr */
  readonly relayMode: RelayMode;
  /** Open parked messages of one partition at which it pauses. Default 20,000. */
  readonly parkingCap?: number;
}

export interface KernelOptions<World, Change> {
  /** The service's name: its consumer group, its `ce_source`, its producer's and its relay's name. */
  readonly service: string;
  readonly settings: KernelSettings;
  readonly reactor: Reactor<World, Change>;
  readonly effects?: EffectRunners;
  /** Folder of the service's numbered SQL migrations: applied at start, under a lock, after the kernel's own. */
  readonly migrations: string;
  /**
   * Deadlines that have passed: asked about once a second by one instance at a time. A command returned from here is
   * only submitted once everything that was published to the consumed topics before it was found due has been read,
   * and the consumer and relay have been healthy for `graceMs`.
   */
  readonly deadlines?: {
    readonly graceMs: number;
    due(db: Queryable, now: number): Promise<readonly NewCommand[]>;
  };
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface NewCommand<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly key: string;
  readonly data: Data;
  readonly correlationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface KernelStatus {
  /** The database answers and the migrations are applied. */
  readonly database: boolean;
  /** `waiting`: for what `waitingFor` says. `halted`: for another build, as `halted` says. */
  readonly consumer: 'starting' | 'running' | 'waiting' | 'halted' | 'stopped';
  readonly waitingFor?: string | undefined;
  /** Why no message is taken in until the process is started anew: most of them failed. */
  readonly halted?: string | undefined;
  /** `topic/partition` of what isn't read: too many of its messages are parked. */
  readonly paused: readonly string[];
  /** Outbox positions drawn and not yet acknowledged by Kafka, as last counted. */
  readonly outboxDepth: number;
}

/** One line of a service's `/readyz`. */
export interface KernelCheck {
  readonly name: 'database' | 'messaging';
  readonly ready: boolean;
  /** Whether messages come in, or what is waited for. */
  readonly detail?: string;
}

export interface Kernel {
  /** The pool, for queries outside of reactions. */
  readonly database: Queryable;
  /** Migrates, then starts relay, consumer and effect workers. Waits out outages; throws FatalError for a wrong configuration. */
  start(): Promise<void>;
  /**
   * React to a command: resolves with the decision's reply after the commit.
   * Throws what `decide` threw; OverloadError when too much waits; TransientError when Postgres stays away.
   */
  submit<Reply>(command: NewCommand): Promise<Reply>;
  status(): KernelStatus;
  /**
   * Ready once commands are taken, as long as the database answers. A consumer that waits for Kafka makes nobody
   * unready, and shows.
   */
  readiness(): KernelCheck[];
  /**
   * Whether all that is in the topic now has been read and is in the database, whichever instance did it. False before
   * the start; throws TransientError while Kafka is away.
   */
  hasReadToEnd(topic: TopicName): Promise<boolean>;
  /** What operators may do with what is parked. Acts throw OverloadError before the start. */
  readonly operator: Operator;
  /** Rejects when the process must end: fatal error, wedged consumer. Never resolves. */
  readonly failed: Promise<never>;
  /** Stop fetching, finish what is in hand, publish what is committed, close. Within 8 s. */
  stop(): Promise<void>;
}

const PARKING_CAP = 20_000;
/** Entries that may wait for Kafka before commands are refused. */
const MAX_OUTBOX_DEPTH = 20_000;
const EFFECTS_GRACE_MS = 2_500;
const RELAY_GRACE_MS = 2_000;
/** For everything together. What hangs then is left behind: nothing is lost by it, as nothing is by a kill. */
const STOP_MS = 7_500;

interface Running {
  readonly loop: ReactionLoop;
  readonly consumer: Consumer;
  readonly acting: ReturnType<OperatorOptions['acting']>;
  stop(): Promise<void>;
}

/** The world outside, behind its seams. */
export interface KernelAdapters {
  readonly database: Database;
  readonly registry: Registry;
  readonly client: LogClient;
  readonly createMetrics: typeof createKernelMetrics;
  /** Brings the database up to date. Throws TransientError while it is away. */
  migrate(): Promise<void>;
}

/** The kernel on real Postgres, Kafka and registry. */
export function createKernel<World, Change>(options: KernelOptions<World, Change>): Kernel {
  const { service, settings, migrations, logger } = options;
  return composeKernel(options, {
    database: createDatabase({ url: settings.databaseUrl, name: service }),
    registry: createRegistry(settings.registryUrl),
    client: createKafkaClient({ clientId: service, brokers: settings.brokers }, logger),
    createMetrics: createKernelMetrics,
    migrate: () => migrate(settings.databaseUrl, migrations, logger),
  });
}

/** The kernel's own control flow, on whatever stands behind the seams. */
export function composeKernel<World, Change>(
  options: KernelOptions<World, Change>,
  adapters: KernelAdapters,
): Kernel {
  const { service, settings, reactor, logger } = options;
  const { database, client, registry } = adapters;
  const codec = createCodec(registry);
  const instance = newId();
  const parkingCap = createParkingCap({
    cap: settings.parkingCap ?? PARKING_CAP,
    logger,
    onChange: (full) => running?.consumer.hold(full),
  });
  const liveness = createLiveness(database, instance, logger, (db) => parkingCap.look(db));
  const stopping = new AbortController();
  let waitingFor: string | undefined;
  let massFailure: MassFailure | undefined;
  let starting: Promise<void> | undefined;
  let running: Running | undefined;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  const relay = createRelay({
    database,
    logger,
    createPublisher: () => createPublisher({ client, service, mode: settings.relayMode, logger }),
    onPublished: (_entries, records) => metrics.published(records),
  });
  const ring = createBell(database, relay);
  const metrics = adapters.createMetrics(options.metrics, {
    outboxDepth: () => liveness.outboxDepth,
    outboxOldestSeconds: () => liveness.outboxOldestSeconds,
    openEffects: () => effects.open,
    waiting: () => running?.loop.waiting ?? 0,
    relayActive: () => relay.active,
    halted: () => massFailure !== undefined,
    parking: () => parkingCap.summary,
    paused: () => parkingCap.full,
  });
  const tracer = createTracer(service);
  const effects = createEffectWorker({
    database,
    runners: options.effects ?? {},
    instance,
    logger,
    tracer,
    clock: time.now,
    newId,
    onOutcome: (item) => running?.loop.add([item]),
  });

  const carryOut = ({ entry, effects: decided }: Saved) => {
    if (entry !== undefined) ring(entry);
    effects.add(decided);
  };
  const operator = createOperator({
    database,
    codec,
    registry,
    logger,
    onCommitted: carryOut,
    acting() {
      if (running === undefined) throw new OverloadError('STARTING', 'the service is starting', 1);
      return running.acting;
    },
  });

  const waitOut = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt += 1) {
      if (stopping.signal.aborted) throw new OverloadError('STOPPING', 'the service is stopping', 1);
      try {
        const result = await work();
        waitingFor = undefined;
        return result;
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        waitingFor = what;
        logger.warn({ err: error, attempt }, `waiting for ${what}`);
        await pause(backoffMs(attempt), stopping.signal);
      }
    }
  };

  /** Commands and outcomes go on, and so does the process: restarts would only park more. */
  const halt = (error: MassFailure) => {
    massFailure = error;
    running?.consumer.halt();
    const failures = error.failures.map(({ error: failure, ...where }) => ({
      ...where,
      code: failure?.code,
      reason: failure?.message,
    }));
    logger.error({ code: error.code, failures }, `no message is taken in any more: ${error.message}`);
    writeSuspicion(database, true).catch((err: unknown) => logger.warn({ err }, 'mass failure not noted'));
  };

  const run = (topicOrdinals: ReadonlyMap<string, number>, isSuspected: boolean): Running => {
    const reacting = {
      service,
      reactor,
      codec,
      topicOrdinals,
      clock: time.now,
      newId,
      tracer,
      isSuspected,
      owner: effects.owner,
    };
    const reaction = createReaction(reacting);
    const loop = createReactionLoop({
      database,
      reaction,
      logger,
      onFatal: fail,
      onMassFailure: halt,
      onCommitted(report, items) {
        carryOut(report);
        metrics.reaction(report, items.length);
        parkingCap.note(report.outcomes);
        logPoison(report, logger);
      },
    });
    const consumer = createConsumer({
      client,
      group: service,
      topics: reactor.consumes,
      reactor,
      codec,
      logger,
      loop,
      progress: createProgress(database, instance),
      onLag: metrics.lag,
      onWedged: fail,
    });
    const deadlines =
      options.deadlines &&
      createDeadlineWorker(
        { group: service, topics: reactor.consumes, ...options.deadlines },
        {
          client,
          database,
          logger,
          clock: time.now,
          isHealthy: () =>
            relay.active &&
            relay.blockedSince === undefined &&
            consumer.status().state === 'running' &&
            loop.heldUpBy === undefined,
          submit,
        },
      );
    relay.start();
    effects.start();
    consumer.hold(parkingCap.full);
    consumer.start();
    deadlines?.start();
    operator.start();
    return {
      loop,
      consumer,
      acting: { drain: createDrain(reacting), trial: createTrial(reacting) },
      async stop() {
        consumer.pause();
        await Promise.all([deadlines?.stop(), operator.stop(), effects.stop(EFFECTS_GRACE_MS)]);
        await loop.stop();
        await Promise.all([relay.stop(RELAY_GRACE_MS), consumer.stop()]);
      },
    };
  };

  const submit = async <Reply>(command: NewCommand): Promise<Reply> => {
    if (running === undefined) throw new OverloadError('STARTING', 'the service is starting', 1);
    if (liveness.outboxDepth > MAX_OUTBOX_DEPTH) {
      throw new OverloadError('OUTBOX_FULL', 'too many events wait for Kafka', 5);
    }
    const { loop } = running;
    return new Promise<Reply>((resolve, reject) => {
      const id = newId();
      const { correlationId = id } = command;
      loop.submit({
        kind: 'command',
        key: command.key,
        input: { ...command, kind: 'command', id, correlationId, time: time.now() },
        done: (reply) => resolve(reply as Reply),
        failed: reject,
      });
    });
  };

  const start = async () => {
    await waitOut('Postgres', () => adapters.migrate());
    const written = writtenBy(service);
    const names = [...reactor.consumes, ...written.topics];
    const ordinals = await waitOut('Postgres', () => loadTopicOrdinals(database, names));
    await waitOut('Postgres', () => liveness.start());
    await waitOut('the schema registry', () => codec.start(written.events));
    const isSuspected = await waitOut('Postgres', () => readSuspicion(database));
    if (stopping.signal.aborted) return;
    running = run(ordinals, isSuspected);
    // Beside the work, one by one: a registry that has just started, or is about to go, delays nobody.
    codec.prepare(reactor.consumes.flatMap(eventsOf)).catch((error: unknown) => {
      logger.debug({ err: error }, 'schemas will be looked up when they come');
    });
  };

  const stopAll = async () => {
    // A start that is under way ends at its next step.
    await starting?.catch(() => undefined);
    await running?.stop();
    await liveness.stop();
    await database.close();
  };

  const status = (): KernelStatus => {
    const consumer = running?.consumer.status();
    return {
      database: liveness.alive,
      consumer: consumer?.state ?? (waitingFor === undefined ? 'starting' : 'waiting'),
      waitingFor: consumer?.waitingFor ?? waitingFor,
      halted: massFailure?.message,
      paused: parkingCap.full.map(partitionName),
      outboxDepth: liveness.outboxDepth,
    };
  };

  return {
    database,
    failed,
    submit,
    status,
    readiness() {
      const { database: isAlive, consumer, waitingFor: awaited, halted, paused } = status();
      const waiting = awaited === undefined ? consumer : `waiting for ${awaited}`;
      const reading =
        paused.length === 0 ? waiting : `${waiting}; paused at the parking cap: ${paused.join(', ')}`;
      const detail = halted === undefined ? reading : `halted: ${halted}`;
      return [
        { name: 'database', ready: isAlive },
        { name: 'messaging', ready: running !== undefined, detail },
      ];
    },
    async start() {
      starting ??= start();
      await starting.catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    },
    operator,
    hasReadToEnd: async (topic) => (await running?.consumer.hasReadToEnd(topic)) ?? false,
    async stop() {
      stopping.abort();
      await within(STOP_MS, stopAll());
    },
  };
}

function writtenBy(service: string): { topics: TopicName[]; events: EventName[] } {
  const own = Object.values(topics).filter(({ writer }) => writer === service);
  return { topics: own.map(({ name }) => name), events: own.flatMap(({ name }) => [...eventsOf(name)]) };
}

function logPoison({ outcomes }: ReactionReport, logger: Logger): void {
  for (const { topic, partition, offset, key, name, outcome, error } of outcomes) {
    if (outcome !== 'poison' || error === undefined) continue;
    // What a handler threw is our own; what can't be read is somebody else's, and its stack says nothing.
    const err = error.code === 'HANDLER_FAILED' ? error : undefined;
    logger.error(
      { topic, partition, offset, key, event: name, code: error.code, reason: error.message, err },
      'a message was dead-lettered',
    );
  }
}

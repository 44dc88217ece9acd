import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError, type ProgramConfig } from './environment.ts';
import { createHttp, type Http, type HttpOptions } from './http.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { serveOperator } from './operator-routes.ts';
import type { Service, ServiceContext } from './service.ts';
import { beginWithProcess, createShutdown, type Shutdown } from './shutdown.ts';
import { startTracing } from './tracing.ts';

export interface Program<Config extends ProgramConfig> {
  /** The service's name. */
  readonly name: string;
  /** What it is there for, in a sentence or two: begins its API's document. */
  readonly description: string;
  /** Reads the configuration; throws ConfigurationError. */
  readonly config: () => Config;
  /** Imports the service once its configuration is right and its traces are recorded. */
  readonly create: () => Promise<(context: ServiceContext<Config>) => Promise<Service>>;
}

/** sysexits.h: EX_CONFIG. */
const exitWrongConfiguration = 78;

/**
 * Runs a service until it is told to stop, or fails: the whole of its main.ts. With the argument `--openapi` it prints
 * its API's document instead, connects to nothing, and ends.
 * Exit codes: 0 stopped as told, 1 failed (or hung while stopping), 78 wrong configuration.
 * @returns once the service has started
 */
export async function runService<Config extends ProgramConfig>(program: Program<Config>): Promise<void> {
  const config = readConfig(program);
  if (process.argv.includes('--openapi')) return printDocument(program, config);
  const logger = createLogger(program.name, config.LOG_LEVEL);
  const shutdown = createShutdown(config.SHUTDOWN_TIMEOUT_MS, logger);
  beginWithProcess(shutdown);
  try {
    await start(program, config, logger, shutdown);
  } catch (error) {
    shutdown.begin('the start failed', error);
  }
}

function readConfig<Config extends ProgramConfig>(program: Program<Config>): Config {
  try {
    return program.config();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    createLogger(program.name).fatal({ problems: error.problems }, error.message);
    return process.exit(exitWrongConfiguration);
  }
}

async function start<Config extends ProgramConfig>(
  program: Program<Config>,
  config: Config,
  logger: Logger,
  shutdown: Shutdown,
): Promise<void> {
  const { name } = program;
  const metrics = createMetrics(name);
  const tracing = await startTracing({
    service: name,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    logger,
  });
  shutdown.add('tracing', () => tracing.stop());

  const createService = await program.create();
  const service = await createService({ name, config, logger, metrics });
  service.failed.catch((error: unknown) => shutdown.begin('the service failed', error));
  shutdown.add('the service', () => service.stop());

  const http = await serve(service, {
    name,
    description: program.description,
    logger,
    metrics,
    traced: tracing.isOn,
    limits: { maxInFlight: config.HTTP_MAX_IN_FLIGHT, requestTimeout: config.HTTP_REQUEST_TIMEOUT_MS },
  });
  await http.app.listen({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    listenTextResolver: (address) => `Listening at ${address}`,
  });
  shutdown.add('HTTP', () => {
    service.prepareStop?.();
    return stopHttp(http, config.SHUTDOWN_TIMEOUT_MS / 3, logger);
  });

  await service.start();
  logger.info('Started');
}

/** All that a service answers, not listening yet. */
async function serve(service: Service, options: Omit<HttpOptions, 'readiness'>): Promise<Http> {
  const http = await createHttp({ ...options, readiness: () => service.readiness() });
  service.routes(http.app);
  if (service.operator) serveOperator(http.app, service.operator.api, service.operator.token);
  return http;
}

/** The service is put together as ever, and never started: what it declares needs neither Kafka nor Postgres. */
async function printDocument<Config extends ProgramConfig>(
  { name, description, create }: Program<Config>,
  config: Config,
): Promise<void> {
  // Standard output is for the document alone.
  const logger = createLogger(name, 'silent');
  const metrics = createMetrics(name);
  const createService = await create();
  const service = await createService({ name, config, logger, metrics });
  const { app } = await serve(service, { name, description, logger, metrics });
  await app.ready();
  process.stdout.write(`${JSON.stringify(app.swagger(), null, 2)}\n`, () => process.exit(0));
}

/** Ms that connections without a request get to close by themselves. */
const graceForIdle = 500;

/** The service needs the rest of the time: what isn't answered in `limit` ms is cut off. */
async function stopHttp(http: Http, limit: number, logger: Logger): Promise<void> {
  const stop = new AbortController();
  const late = delay(limit, 'late' as const, { signal: stop.signal });
  late.catch(() => {});
  if ((await Promise.race([http.drain(), late])) === 'late') {
    logger.warn({ limitMs: limit }, 'Requests in flight are cut off');
    http.app.server.closeAllConnections();
  }
  stop.abort();
  // A connection that was opened and never used doesn't count as idle, and would hold this up.
  const cut = setTimeout(() => http.app.server.closeAllConnections(), graceForIdle);
  await http.app.close();
  clearTimeout(cut);
}

import { createEventViewer, createRangeReader, createTail } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import { createCatalogue, productTopic } from './catalogue.ts';
import type { Config } from './config.ts';
import { createEventRing } from './event-ring.ts';
import { createEventStream } from './event-stream.ts';
import { routes } from './http.ts';
import { describeRecord, orderTopics } from './live-event.ts';
import { measureStreams } from './metrics.ts';
import { isPageBuilt } from './page.ts';
import { createSessions } from './session.ts';
import { createVitalsReader } from './vitals.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const kafka = { clientId: name, brokers: config.KAFKA_BROKERS };
  const viewer = createEventViewer(config.SCHEMA_REGISTRY_URL);
  const catalogue = createCatalogue(viewer);
  const ring = createEventRing();
  const stream = createEventStream(ring);
  let hasBegun = false;
  const tail = createTail(kafka, {
    topics: orderTopics,
    wholeTopics: [productTopic],
    logger,
    async onRecords(records) {
      if (records[0]?.topic === productTopic) return catalogue.take(records);
      ring.push(
        records.flatMap((record) => {
          const event = describeRecord(record);
          return event === undefined ? [] : [{ event, value: record.value }];
        }),
      );
      stream.notify();
    },
    onBegin() {
      hasBegun = true;
      ring.begin();
      stream.notify();
    },
  });
  measureStreams(stream, metrics);
  if (!isPageBuilt()) logger.warn('The page is not built: npm run build');
  return {
    routes: (app) =>
      routes(app, {
        urls: config.SERVICE_URLS,
        token: config.OPERATOR_TOKEN,
        sessions: createSessions({ token: config.OPERATOR_TOKEN, ttlMs: config.SESSION_TTL_MS }),
        cookie: { ttlMs: config.SESSION_TTL_MS, isSecure: config.SESSION_COOKIE_SECURE === 'true' },
        traceUrl: config.TRACE_URL,
        ring,
        stream,
        catalogue,
        viewer,
        reader: createRangeReader(kafka, logger),
        vitals: createVitalsReader(config.SERVICE_URLS, config.AUDITOR_URL),
      }),
    readiness: () => [{ name: 'events', ready: hasBegun, detail: tail.status().state }],
    start: async () => tail.start(),
    prepareStop: () => stream.close(),
    stop: () => tail.stop(),
    // What it waits for it waits out, and all else it only passes on.
    failed: new Promise<never>(() => undefined),
  };
}

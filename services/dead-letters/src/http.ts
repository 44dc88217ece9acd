import { Readable } from 'node:stream';
import { type EventName, eventNames, groupNames } from '@skald/contracts';
import type { Connection, Queryable } from '@skald/messaging';
import { type App, createGuard, Problem, type RouteDocs } from '@skald/service-kit';
import {
  auditAnswer,
  describeRow,
  detailAnswer,
  editAnswer,
  type Line,
  lineSchema,
  listAnswer,
} from './answer.ts';
import { gatherLog } from './audit-log.ts';
import type { Identity } from './dead-letter.ts';
import { discarding, editing, reading, redriving, trying } from './docs.ts';
import { conditionOf } from './filter.ts';
import { type JobRequest, prepareJob, runJob } from './job.ts';
import { type JobLock, lockJob } from './job-lock.ts';
import type { OperatorClient } from './operator-client.ts';
import {
  discardBody,
  editBody,
  identityPath,
  type ListQuery,
  listQuery,
  logQuery,
  redriveBody,
  tryBody,
} from './request.ts';
import { type ShowOptions, show } from './show.ts';
import { countFacets, find, listBefore } from './store.ts';

export interface RouteOptions extends Omit<ShowOptions, 'operator'> {
  readonly database: Queryable;
  /** A connection of one's own, for locks. */
  connect(): Promise<Connection>;
  readonly operator: OperatorClient;
  readonly token: string;
  /** Aborts when the process is told to stop. */
  readonly stopping: AbortSignal;
}

const tags = ['dead letters'];
/** Bytes: an edited value may be as large as a record. */
const bodyLimit = 2 * 1024 * 1024;

export function routes(app: App, options: RouteOptions): void {
  const onRequest = createGuard(options.token);
  readingRoutes(app, options, onRequest);
  actingRoutes(app, options, onRequest);
}

type Guard = ReturnType<typeof createGuard>;

function readingRoutes(app: App, options: RouteOptions, onRequest: Guard): void {
  const { database, operator } = options;

  app.get(
    '/dead-letters',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Dead letters, newest first',
        description:
          'Open ones, unless another state is asked for. Page by page: `nextCursor` of one is the `cursor` of the next. Filters hold at once.',
        querystring: listQuery,
        response: { 200: listAnswer },
      },
    },
    async ({ query }) => readPage(database, query),
  );

  app.get(
    '/dead-letters/:group/:topic/:partition/:offset',
    {
      onRequest,
      config: { docs: reading },
      schema: {
        tags,
        summary: 'One dead letter, and everything about it',
        description:
          'Decoded and in bytes, as its service has it now, and with the events of its key around it. What could not be found out is in `missing`.',
        params: identityPath,
        response: { 200: detailAnswer },
      },
    },
    async ({ params }) => show(await known(database, params), options),
  );

  app.get(
    '/audit-log',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Who did what to dead letters, when and why',
        description:
          'Gathered from the logs of the services, newest first. Those that could not be asked are in `missing`.',
        querystring: logQuery,
        response: { 200: auditAnswer },
      },
    },
    async ({ query: { group, limit } }) => {
      const groups = group === undefined ? groupNames.filter(operator.knows) : [group];
      return gatherLog(operator, groups, limit);
    },
  );
}

function actingRoutes(app: App, options: RouteOptions, onRequest: Guard): void {
  const streams = (docs: RouteDocs) => ({ onRequest, config: { isLong: true, docs } }) as const;
  const description =
    'The answer is a line of JSON for each message, as it goes (application/x-ndjson); whoever hangs up ends it.';
  const response = {
    200: {
      description: 'A line for each message',
      content: { 'application/x-ndjson': { schema: lineSchema } },
    },
  };

  app.post(
    '/tries',
    {
      ...streams(trying),
      schema: { tags, summary: 'Say what redrives would do', description, body: tryBody, response },
    },
    async ({ body }, reply) => {
      const request = { ...body, action: 'try', dryRun: true, by: '', reason: '' } as const;
      return sendLines(reply, await start(options, request));
    },
  );

  app.post(
    '/redrives',
    {
      ...streams(redriving),
      schema: {
        tags,
        summary: 'Send dead letters back to their group',
        description,
        body: redriveBody,
        response,
      },
    },
    async ({ body }, reply) => sendLines(reply, await start(options, { ...body, action: 'redrive' })),
  );

  app.post(
    '/discards',
    {
      ...streams(discarding),
      schema: { tags, summary: 'Give dead letters up', description, body: discardBody, response },
    },
    async ({ body }, reply) =>
      sendLines(reply, await start(options, { ...body, action: 'discard', acceptGap: false })),
  );

  app.put(
    '/dead-letters/:group/:topic/:partition/:offset/value',
    {
      onRequest,
      bodyLimit,
      config: { docs: editing },
      schema: {
        tags,
        summary: 'Replace the value, validated against its schema',
        description: 'It is redriven with the new value. What came stays in the record.',
        params: identityPath,
        body: editBody,
        response: { 200: editAnswer },
      },
    },
    async ({ params: { group, ...message }, body: { data, by, reason, name } }) => {
      const event = eventNames.find((known) => known === name);
      if (name !== undefined && event === undefined) throw unknownEvent(name);
      const edited = await options.operator.edit(group, { message, data, by, reason, ...nameOf(event) });
      return { message: edited.message, content: edited.content };
    },
  );
}

const nameOf = (name: EventName | undefined) => (name === undefined ? {} : { name });

async function readPage(database: Queryable, query: ListQuery) {
  const { state, limit, cursor, ...filter } = query;
  const condition = conditionOf(filter, state === 'all' ? undefined : state);
  const [rows, facets] = await Promise.all([
    listBefore(database, condition, cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor), limit),
    cursor === undefined ? countFacets(database, condition) : null,
  ]);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    deadLetters: rows.map(describeRow),
    nextCursor: last === undefined ? null : String(last.id),
    facets,
  };
}

async function known(database: Queryable, id: Identity) {
  const row = await find(database, id);
  if (row !== undefined) return row;
  throw new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-dead-letter',
    title: 'Unknown dead letter',
    detail: `There is no dead letter of ${id.group} for ${id.topic}, partition ${id.partition}, offset ${id.offset}`,
  });
}

const unknownEvent = (name: string): Problem =>
  new Problem({
    status: 400,
    detail: `There is no event ${name.slice(0, 100)}`,
    errors: [{ pointer: '#/name', detail: 'Must be the name of an event' }],
  });

/** What a job says, as text; hung up upon, or told to stop, it ends. */
async function start(options: RouteOptions, request: JobRequest): Promise<Readable> {
  const { database, operator, stopping } = options;
  const job = await prepareJob(database, operator, request);
  const isWide = request.filter !== undefined && !request.dryRun && job.total > 0;
  const lock = isWide ? await lockJob(options.connect, job.groups) : undefined;
  const lost = new AbortController();
  const lines = runJob(job, operator, AbortSignal.any([stopping, lost.signal]));
  return Readable.from(inText(lines, lock, lost), { objectMode: false });
}

async function* inText(
  lines: AsyncIterable<Line>,
  lock: JobLock | undefined,
  lost: AbortController,
): AsyncGenerator<string> {
  try {
    for await (const line of lines) {
      yield `${JSON.stringify(line)}\n`;
      if (lock?.isHeld === false) lost.abort('the lock was lost, with the connection to Postgres');
    }
  } finally {
    await lock?.release();
  }
}

/** The schema says what each line is; the compiler takes it for that of the whole answer. */
const sendLines = (reply: { type(contentType: string): unknown }, lines: Readable) =>
  (reply.type('application/x-ndjson; charset=utf-8') as { send(payload: unknown): never }).send(lines);

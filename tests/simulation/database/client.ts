import {
  type Connection,
  type Database,
  type Statement,
  TransientError,
} from '@skald/messaging/simulation';
import type { Process, Scheduler } from '../scheduler.ts';
import { type Answer, DatabaseError, type Execute, type Server, type Session } from './server.ts';

/** A service's database and the way there. */
export interface DatabaseNetwork {
  readonly server: Server;
  readonly tables: object;
  readonly statements: Readonly<Record<string, Execute>>;
  /** Nobody gets through. */
  isAway: boolean;
  /** A statement that Postgres refuses, though nothing is wrong with the rest of its batch. */
  refuses: (name: string, values: readonly unknown[]) => boolean;
  readonly links: Set<Link>;
}

/** One connection's two ends. */
export interface Link {
  readonly process: Process;
  /**
   * Loses the connection: nobody gets an answer. What is on its way arrives or doesn't, as the seed decides, unless the
   * server has gone with it.
   */
  cut(isServerGone: boolean): void;
}

interface Answered {
  readonly request: Request;
  readonly answer: Answer;
}

interface Request {
  readonly text: string;
  readonly name: string | undefined;
  readonly values: readonly unknown[];
  readonly resolve: (rows: object[]) => void;
  readonly reject: (error: unknown) => void;
}

const lost = () => new TransientError('DATABASE_UNAVAILABLE', 'Postgres: the connection is lost');

/** Errors as the kernel's own adapter classifies them. */
const classified = (error: DatabaseError): Error =>
  /^(08|40|53|57|58|55P03)/.test(error.code) ? new TransientError(error.code, `Postgres: ${error.message}`) : error;

/** The seam `Database`, upon a server in memory. */
export function createSimulatedDatabase(
  network: DatabaseNetwork,
  scheduler: Scheduler,
  process: Process,
): Database {
  const idle: ReturnType<typeof createLink>[] = [];
  return {
    async query<Row extends object>(statement: Statement | string, values: readonly unknown[] = []) {
      if (network.isAway) {
        await delayed(scheduler, process, 'Postgres is away');
        throw lost();
      }
      let link = idle.pop();
      if (link === undefined || !link.isUsable) link = createLink(network, scheduler, process);
      try {
        return (await link.query(statement, values)) as Row[];
      } finally {
        idle.push(link);
      }
    },
    async connect(): Promise<Connection> {
      await delayed(scheduler, process, 'connects to Postgres');
      if (network.isAway) throw lost();
      const link = createLink(network, scheduler, process);
      return {
        get usable() {
          return link.isUsable;
        },
        query: async <Row extends object>(statement: Statement | string, values: readonly unknown[] = []) =>
          (await link.query(statement, values)) as Row[],
        onNotification: (listener) => link.listeners.push(listener),
        async close() {
          link.close();
        },
      };
    },
    async close() {
      for (const link of idle) link.close();
    },
  };
}

const delayed = (scheduler: Scheduler, process: Process, label: string): Promise<void> =>
  new Promise((resolve) => void scheduler.schedule(scheduler.latency(), process, label, resolve));

function createLink(network: DatabaseNetwork, scheduler: Scheduler, process: Process) {
  const { server } = network;
  const listeners: (() => void)[] = [];
  const notify = () =>
    scheduler.schedule(scheduler.latency(), process, 'hears the bell', () => {
      if (isUsable) for (const listener of listeners) listener();
    });
  const session = server.open(notify);
  let isUsable = true;
  /** On their way, all in one packet. */
  let outgoing: Request[] = [];
  /** At the server. */
  const arrived: Request[] = [];
  /** Not answered yet. */
  const open = new Set<Request>();
  const undelivered: Answered[] = [];
  let isOnItsWay = false;
  let isExecuting = false;
  let closesWhenDone = false;

  const send = (request: Request) => {
    open.add(request);
    outgoing.push(request);
    if (outgoing.length > 1) return;
    scheduler.schedule(scheduler.latency(), undefined, request.name ?? request.text, arrive);
  };

  const arrive = () => {
    arrived.push(...outgoing);
    outgoing = [];
    if (!isExecuting) proceed();
  };

  const proceed = () => {
    const answers: Answered[] = [];
    isExecuting = true;
    for (let request = arrived.shift(); request !== undefined; request = arrived.shift()) {
      const current = request;
      const answer = execute(network, session, current, (again) =>
        scheduler.schedule(scheduler.latency(), undefined, 'the lock is free', () => {
          if (!session.isOpen) return;
          const late = again();
          if (late === undefined) return;
          deliver([{ request: current, answer: late }]);
          proceed();
        }),
      );
      if (answer === undefined) return deliver(answers);
      if (scheduler.isTraced) tell(current, answer);
      answers.push({ request, answer });
    }
    isExecuting = false;
    if (closesWhenDone) server.close(session);
    deliver(answers);
  };

  const tell = ({ name, text, values }: Request, answer: Answer) => {
    const said = 'rows' in answer ? `${answer.rows.length} rows` : String(answer.error);
    scheduler.tell(`${process.name}: ${name ?? text} ${brief(values)} → ${said}`);
  };

  /** Answers come in the order of the questions. */
  const deliver = (answers: readonly Answered[]) => {
    undelivered.push(...answers);
    if (undelivered.length === 0 || isOnItsWay) return;
    isOnItsWay = true;
    scheduler.answer(process, 'an answer', hand);
  };

  const hand = () => {
    isOnItsWay = false;
    for (const { request, answer } of undelivered.splice(0)) {
      if (!open.delete(request)) continue;
      if ('rows' in answer) request.resolve(answer.rows);
      else request.reject(classified(answer.error));
    }
  };

  const endAtServer = (isServerGone: boolean) => {
    if (isServerGone) {
      outgoing = [];
      arrived.length = 0;
    } else if (outgoing.length > 0 && scheduler.oneIn(2)) {
      outgoing = [];
    }
    if (isExecuting || outgoing.length > 0) closesWhenDone = true;
    if (!closesWhenDone || isServerGone) server.close(session);
  };

  const cut = (isServerGone: boolean) => {
    network.links.delete(link);
    if (!isUsable) return;
    isUsable = false;
    endAtServer(isServerGone);
    const unanswered = [...open];
    open.clear();
    if (unanswered.length === 0) return;
    scheduler.schedule(scheduler.latency(), process, 'its connection is lost', () => {
      for (const { reject } of unanswered) reject(lost());
    });
  };

  const link = {
    process,
    listeners,
    cut,
    get isUsable() {
      return isUsable;
    },
    query: (statement: Statement | string, values: readonly unknown[]) =>
      new Promise<object[]>((resolve, reject) => {
        if (!isUsable) return reject(lost());
        const name = typeof statement === 'string' ? undefined : statement.name;
        const text = typeof statement === 'string' ? statement : statement.text;
        send({ name, text, values, resolve, reject });
      }),
    close() {
      if (!isUsable) return;
      isUsable = false;
      network.links.delete(link);
      if (isExecuting || outgoing.length > 0) closesWhenDone = true;
      else server.close(session);
    },
  };
  network.links.add(link);
  return link;
}

const brief = (values: readonly unknown[]): string =>
  JSON.stringify(values, (_key, value) => (Buffer.isBuffer(value) ? `${value.length} bytes` : value)).slice(0, 160);

const nothing: Answer = { rows: [] };

/** What a session is told: transactions, settings, or a statement by its name. */
export function execute(
  { server, tables, statements, refuses }: Pick<DatabaseNetwork, 'server' | 'tables' | 'statements' | 'refuses'>,
  session: Session,
  { name, text, values }: Pick<Request, 'name' | 'text' | 'values'>,
  waiting: (again: () => Answer | undefined) => void,
): Answer | undefined {
  if (name !== undefined) {
    const statement = statements[name] as Execute<object> | undefined;
    if (statement === undefined) throw new Error(`the model of Postgres doesn't know the statement ${name}`);
    if (refuses(name, values)) {
      const refuse = () => {
        throw new DatabaseError('22023', `${name} is refused`);
      };
      return server.execute(session, refuse, waiting);
    }
    return server.execute(session, (tx) => statement(tx, tables, values), waiting);
  }
  if (text === 'BEGIN') server.begin(session);
  else if (text === 'COMMIT' || text === 'ROLLBACK') server.finish(session, text === 'COMMIT');
  else if (text.startsWith('LISTEN ')) session.channels.add(text.slice('LISTEN '.length));
  else if (!text.startsWith('SET ')) throw new Error(`the model of Postgres doesn't know: ${text}`);
  return nothing;
}

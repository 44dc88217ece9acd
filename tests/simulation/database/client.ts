import { type Connection, type Database, type Statement, TransientError } from '@skald/messaging/simulation';
import type { Process, Scheduler } from '../scheduler.ts';
import type { Watch } from '../watch.ts';
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
  readonly watch: Watch;
  /** Some transactions that have drawn a position stay open for up to so long, ms. */
  stallMs: number;
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
  /^(08|40|53|57|58|55P03)/.test(error.code)
    ? new TransientError(error.code, `Postgres: ${error.message}`)
    : error;

/** The seam `Database`, upon a server in memory. */
export function createSimulatedDatabase(
  network: DatabaseNetwork,
  scheduler: Scheduler,
  process: Process,
): Database {
  const idle: SimulatedLink[] = [];
  const freeLink = (): SimulatedLink => {
    const link = idle.pop();
    return link?.isUsable === true ? link : new SimulatedLink(network, scheduler, process);
  };
  return {
    async query<Row extends object>(statement: Statement | string, values?: readonly unknown[]) {
      if (network.isAway) {
        await delayed(scheduler, process, 'Postgres is away');
        throw lost();
      }
      const link = freeLink();
      try {
        return (await link.query(statement, values)) as Row[];
      } finally {
        idle.push(link);
      }
    },
    async connect(): Promise<Connection> {
      await delayed(scheduler, process, 'connects to Postgres');
      if (network.isAway) throw lost();
      return new SimulatedConnection(new SimulatedLink(network, scheduler, process));
    },
    async close() {
      for (const link of idle) link.close();
    },
  };
}

class SimulatedConnection implements Connection {
  private readonly link: SimulatedLink;
  constructor(link: SimulatedLink) {
    this.link = link;
  }
  get usable(): boolean {
    return this.link.isUsable;
  }
  query<Row extends object>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]> {
    return this.link.query(statement, values) as Promise<Row[]>;
  }
  onNotification(listener: () => void): void {
    this.link.listeners.push(listener);
  }
  async close(): Promise<void> {
    this.link.close();
  }
}

const delayed = (scheduler: Scheduler, process: Process, label: string): Promise<void> =>
  new Promise((resolve) => void scheduler.schedule(scheduler.latency(), process, label, resolve));

/** A class, as one is made for each connection: an object with accessors of its own takes V8 a hundred times as long. */
class SimulatedLink implements Link {
  readonly process: Process;
  readonly listeners: (() => void)[] = [];
  isUsable = true;
  private readonly network: DatabaseNetwork;
  private readonly scheduler: Scheduler;
  private readonly session: Session;
  /** On their way, all in one packet. */
  private outgoing: Request[] = [];
  /** At the server. */
  private arrived: Request[] = [];
  /** Not answered yet. */
  private readonly open = new Set<Request>();
  private undelivered: Answered[] = [];
  private isOnItsWay = false;
  private isExecuting = false;
  private closesWhenDone = false;
  /** Its transaction has saved an effect, or taken an outcome in. */
  private hasEffect = false;

  constructor(network: DatabaseNetwork, scheduler: Scheduler, process: Process) {
    this.network = network;
    this.scheduler = scheduler;
    this.process = process;
    this.session = network.server.open(() => this.hearBell());
    network.links.add(this);
  }

  query(statement: Statement | string, values: readonly unknown[] = []): Promise<object[]> {
    return new Promise((resolve, reject) => {
      if (!this.isUsable) return reject(lost());
      const isText = typeof statement === 'string';
      const name = isText ? undefined : statement.name;
      const text = isText ? statement : statement.text;
      const request: Request = { name, text, values, resolve, reject };
      this.open.add(request);
      this.outgoing.push(request);
      if (this.outgoing.length > 1) return;
      this.scheduler.schedule(this.scheduler.latency(), undefined, name ?? text, () => this.arrive());
    });
  }

  private hearBell(): void {
    this.scheduler.schedule(this.scheduler.latency(), this.process, 'hears the bell', () => {
      if (this.isUsable) for (const listener of this.listeners) listener();
    });
  }

  private arrive(): void {
    this.arrived.push(...this.outgoing);
    this.outgoing = [];
    if (!this.isExecuting) this.proceed();
  }

  private proceed(): void {
    this.isExecuting = true;
    for (let request = this.arrived.shift(); request !== undefined; request = this.arrived.shift()) {
      const current = request;
      const answer = execute(this.network, this.session, current, (again) => this.goOn(current, again));
      if (answer === undefined) {
        this.deliver();
        return;
      }
      if (this.scheduler.isTraced) this.tell(current, answer);
      this.undelivered.push({ request, answer });
      const stallMs = this.watch(current);
      if (stallMs > 0) {
        this.goOnLater(stallMs);
        return;
      }
      // Others have their turn between two statements of a packet, too.
      if (this.arrived.length > 0 && this.scheduler.oneIn(12)) {
        this.goOnLater(this.scheduler.latency());
        return;
      }
    }
    this.isExecuting = false;
    if (this.closesWhenDone) this.network.server.close(this.session);
    this.deliver();
  }

  /** Tells of what matters most. Answers for how long nothing more of the packet is executed, ms. */
  private watch({ name, text }: Request): number {
    const { network, process } = this;
    if (text === 'COMMIT') {
      if (this.hasEffect) network.watch.happened('effect committed', process);
      network.watch.happened('transaction committed', process);
    }
    if (text === 'BEGIN') this.hasEffect = false;
    if (name === 'effects-insert' || name === 'effects-complete') this.hasEffect = true;
    if (name !== 'outbox-insert') return 0;
    network.watch.happened('position drawn', process);
    const { stallMs } = network;
    return stallMs > 0 && this.scheduler.oneIn(2) ? stallMs * this.scheduler.random.next() : 0;
  }

  private goOnLater(ms: number): void {
    this.scheduler.schedule(ms, undefined, 'its turn again', () => {
      if (this.session.isOpen) this.proceed();
    });
  }

  /** The transaction that a statement waited for has ended. */
  private goOn(request: Request, again: () => Answer | undefined): void {
    this.scheduler.schedule(this.scheduler.latency(), undefined, 'the lock is free', () => {
      const answer = this.session.isOpen ? again() : undefined;
      if (answer === undefined) return;
      if (this.scheduler.isTraced) this.tell(request, answer);
      this.undelivered.push({ request, answer });
      this.proceed();
    });
  }

  private tell({ name, text, values }: Request, answer: Answer): void {
    const said = 'rows' in answer ? `${answer.rows.length} rows` : String(answer.error);
    this.scheduler.tell(`${this.process.name}: ${name ?? text} ${brief(values)} → ${said}`);
  }

  /** Answers come in the order of the questions. */
  private deliver(): void {
    if (this.undelivered.length === 0 || this.isOnItsWay) return;
    this.isOnItsWay = true;
    this.scheduler.answer(this.process, 'an answer', () => this.hand());
  }

  private hand(): void {
    this.isOnItsWay = false;
    const answers = this.undelivered;
    this.undelivered = [];
    for (const { request, answer } of answers) {
      if (!this.open.delete(request)) continue;
      if ('rows' in answer) request.resolve(answer.rows);
      else request.reject(classified(answer.error));
    }
  }

  close(): void {
    if (!this.isUsable) return;
    this.isUsable = false;
    this.network.links.delete(this);
    if (this.isExecuting || this.outgoing.length > 0) this.closesWhenDone = true;
    else this.network.server.close(this.session);
  }

  cut(isServerGone: boolean): void {
    this.network.links.delete(this);
    if (!this.isUsable) return;
    this.isUsable = false;
    if (isServerGone) {
      this.outgoing = [];
      this.arrived = [];
    } else if (this.outgoing.length > 0 && this.scheduler.oneIn(2)) {
      this.outgoing = [];
    }
    if (this.isExecuting || this.outgoing.length > 0) this.closesWhenDone = true;
    if (!this.closesWhenDone || isServerGone) this.network.server.close(this.session);
    const unanswered = [...this.open];
    this.open.clear();
    if (unanswered.length === 0) return;
    this.scheduler.schedule(this.scheduler.latency(), this.process, 'its connection is lost', () => {
      for (const { reject } of unanswered) reject(lost());
    });
  }
}

const brief = (values: readonly unknown[]): string =>
  JSON.stringify(values, (_key, value) => (Buffer.isBuffer(value) ? `${value.length} bytes` : value)).slice(
    0,
    160,
  );

const nothing: Answer = { rows: [] };

/** What a session is told: transactions, settings, or a statement by its name. */
export function execute(
  {
    server,
    tables,
    statements,
    refuses,
  }: Pick<DatabaseNetwork, 'server' | 'tables' | 'statements' | 'refuses'>,
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
  if (text === 'BEGIN') return server.begin(session);
  if (text === 'COMMIT' || text === 'ROLLBACK') server.finish(session, text === 'COMMIT');
  else if (text.startsWith('LISTEN ')) session.channels.add(text.slice('LISTEN '.length));
  else if (!text.startsWith('SET ')) throw new Error(`the model of Postgres doesn't know: ${text}`);
  return nothing;
}

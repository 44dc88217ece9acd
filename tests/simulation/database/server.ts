/** As much of Postgres as the services rest on: rows, transactions, locks, snapshots, sequences. READ COMMITTED. */

/** A row's place. Its committed version is what others see; a transaction that holds it may have written another. */
export interface Place<Row extends object = object> {
  readonly table: Table<Row>;
  readonly key: string;
  committed: Row | undefined;
  /** The commit that made it visible. */
  visibleSince: number;
  /** The version before, for a statement that began before that commit. */
  earlier?: Row | undefined;
  holder: Transaction | undefined;
  /** What its holder has written; `unwritten` where it only holds the lock. */
  written: Row | undefined | typeof unwritten;
}

export const unwritten: unique symbol = Symbol('unwritten');

export interface Table<Row extends object = object> {
  readonly name: string;
  readonly places: Map<string, Place<Row>>;
}

export const createTable = <Row extends object>(name: string): Table<Row> => ({ name, places: new Map() });

/** A row that has always been there. */
export function put<Row extends object>(table: Table<Row>, key: string, row: Row): void {
  table.places.set(key, {
    table,
    key,
    committed: row,
    visibleSince: 0,
    holder: undefined,
    written: unwritten,
  });
}

/** What Postgres says against a statement. */
export class DatabaseError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

/** Thrown by a statement that has to wait for another transaction: it is executed anew when that one has ended. */
class Blocked {
  by: Transaction | undefined;
}
const blocked = new Blocked();

export interface Session {
  readonly pid: number;
  /** Tells a pid that is used again. */
  readonly startedAt: number;
  isOpen: boolean;
  readonly channels: Set<string>;
  /** Open between BEGIN and its end. */
  transaction: Transaction | undefined;
  /** Of a statement outside of any that waits for somebody. */
  alone: Transaction | undefined;
  /** Failed, and waits for its ROLLBACK. */
  isAborted: boolean;
  notify: (() => void) | undefined;
}

/** One statement's implementation. Synchronous; throws DatabaseError, or waits through `Tx`. */
export type Execute<Tables = never> = (tx: Transaction, tables: Tables, values: Values) => object[];

/** As they come over the wire: what they are is with the SQL that the statement stands for. */
type Values = ReturnType<JSON['parse']>;

/** A statement with what it is given. */
export type Call = (tx: Transaction) => object[];

/** What a statement may do to rows. */
export class Transaction {
  readonly server: Server;
  readonly session: Session;
  /** Epoch ms: what `now()` says. */
  readonly startedAt: number;
  xid: bigint | undefined;
  /** The snapshot of the statement that is being executed. */
  snapshot = 0;
  isOver = false;
  readonly held: Place[] = [];
  /** Written by the statement that is being executed: undone if it has to wait. */
  private fresh: { place: Place; before: Place['written'] }[] = [];
  private drawn: number[] = [];
  private drawing = 0;
  readonly notifications: string[] = [];
  readonly waiters: (() => void)[] = [];
  waitsFor: Transaction | undefined;

  constructor(server: Server, session: Session) {
    this.server = server;
    this.session = session;
    this.startedAt = server.clock();
  }

  assignXid(): bigint {
    if (this.xid === undefined) {
      this.xid = this.server.nextXid;
      this.server.nextXid += 1n;
      this.server.running.add(this);
    }
    return this.xid;
  }

  /** What this statement sees of a row. */
  read<Row extends object>(place: Place<Row> | undefined): Row | undefined {
    if (place === undefined) return undefined;
    if (place.holder === this && place.written !== unwritten) return place.written;
    return place.visibleSince <= this.snapshot ? place.committed : place.earlier;
  }

  get<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    return this.read(table.places.get(key));
  }

  /** All rows that this statement sees, in no particular order. */
  all<Row extends object>(table: Table<Row>): Row[] {
    const rows: Row[] = [];
    for (const place of table.places.values()) {
      const row = this.read(place);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Holds the row to the end; waits for whoever does. The row as it is by then: undefined if it is gone, or was never seen. */
  lock<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    const place = table.places.get(key);
    if (place === undefined || this.read(place) === undefined) return undefined;
    this.hold(place);
    return place.written === unwritten ? place.committed : place.written;
  }

  isFree<Row extends object>(table: Table<Row>, key: string): boolean {
    const holder = table.places.get(key)?.holder;
    return holder === undefined || holder === this;
  }

  /** A row that is held, or is nobody's: write it. Undefined deletes it. */
  write<Row extends object>(table: Table<Row>, key: string, row: Row | undefined): void {
    let place = table.places.get(key);
    if (place === undefined) {
      place = {
        table,
        key,
        committed: undefined,
        visibleSince: Number.POSITIVE_INFINITY,
        holder: undefined,
        written: unwritten,
      };
      table.places.set(key, place);
    }
    this.hold(place);
    this.fresh.push({ place: place as unknown as Place, before: place.written });
    place.written = row;
  }

  /**
   * Inserts, unless the key is there: then answers the row in conflict, as it is whether or not this statement's snapshot
   * sees it. Waits for a transaction that is writing it, and for none that merely holds its lock.
   */
  insert<Row extends object>(table: Table<Row>, key: string, row: Row): Row | undefined {
    const place = table.places.get(key);
    if (place !== undefined) {
      if (place.holder !== undefined && place.holder !== this) {
        if (place.committed === undefined || place.written !== unwritten) this.wait(place.holder);
        return place.committed;
      }
      const there = place.written === unwritten ? place.committed : place.written;
      if (there !== undefined) return there;
    }
    this.write(table, key, row);
    return undefined;
  }

  /** As `insert`, but holds the row in conflict: waits for whoever does. */
  upsert<Row extends object>(table: Table<Row>, key: string, row: Row, update: (there: Row) => Row): void {
    const place = table.places.get(key);
    if (place !== undefined) {
      this.hold(place);
      const there = place.written === unwritten ? place.committed : place.written;
      if (there !== undefined) {
        this.write(table, key, update(there));
        return;
      }
    }
    this.write(table, key, row);
  }

  /** For a plain INSERT. Throws DatabaseError 23505. */
  insertOnly<Row extends object>(table: Table<Row>, key: string, row: Row): void {
    if (this.insert(table, key, row) !== undefined)
      throw new DatabaseError('23505', `duplicate key ${key} in ${table.name}`);
  }

  private hold<Row extends object>(place: Place<Row>): void {
    if (place.holder === this) return;
    if (place.holder !== undefined) this.wait(place.holder);
    this.assignXid();
    place.holder = this;
    this.held.push(place as unknown as Place);
  }

  private wait(holder: Transaction): never {
    for (let next = holder.waitsFor; next !== undefined; next = next.waitsFor) {
      if (next === this) throw new DatabaseError('40P01', 'deadlock detected');
    }
    blocked.by = holder;
    throw blocked;
  }

  /** A sequence's next value: drawn once, also by a statement that waits and is executed anew. */
  draw(next: () => number): number {
    const value = this.drawn[this.drawing] ?? next();
    this.drawn[this.drawing] = value;
    this.drawing += 1;
    return value;
  }

  /** `isAnew`: it has waited. */
  beginStatement(isAnew: boolean): void {
    if (!isAnew) this.drawn = [];
    this.drawing = 0;
    this.fresh = [];
  }

  undoStatement(): void {
    for (const { place, before } of this.fresh.reverse()) place.written = before;
    this.fresh = [];
  }
}

/** One service's database. */
export class Server {
  readonly clock: () => number;
  nextXid = 100n;
  latestEnded = 99n;
  commits = 0;
  readonly running = new Set<Transaction>();
  readonly sessions = new Map<number, Session>();
  /** Looks at what a transaction is about to make visible. */
  onCommit: ((places: readonly Place[]) => void) | undefined;
  private pids = 1000;

  /** `clock`: epoch ms. */
  constructor(clock: () => number) {
    this.clock = clock;
  }

  open(notify?: () => void): Session {
    this.pids += 1;
    const session: Session = {
      pid: this.pids,
      startedAt: this.clock(),
      isOpen: true,
      channels: new Set(),
      transaction: undefined,
      alone: undefined,
      isAborted: false,
      notify,
    };
    this.sessions.set(session.pid, session);
    return session;
  }

  /** Its transaction is rolled back. */
  close(session: Session): void {
    if (!session.isOpen) return;
    session.isOpen = false;
    this.sessions.delete(session.pid);
    if (session.transaction !== undefined) this.end(session.transaction, false);
    if (session.alone !== undefined) this.end(session.alone, false);
    session.transaction = undefined;
    session.alone = undefined;
  }

  isAlive(pid: number, startedAt: number): boolean {
    return this.sessions.get(pid)?.startedAt === startedAt;
  }

  /** Transactions below this have all ended, as a snapshot of now knows it. */
  xmin(): bigint {
    const xmax = this.latestEnded + 1n;
    let xmin = xmax;
    for (const { xid } of this.running) if (xid !== undefined && xid < xmin) xmin = xid;
    return xmin;
  }

  /**
   * Executes one statement, in the session's transaction or in one of its own. `waiting` is called where it has to wait for
   * another transaction: `again` is for when that one has ended.
   */
  execute(
    session: Session,
    call: Call,
    waiting: (again: () => Answer | undefined) => void,
  ): Answer | undefined {
    if (session.isAborted) return { error: aborted() };
    const transaction = session.transaction ?? new Transaction(this, session);
    transaction.snapshot = this.commits;
    return this.attempt(session, transaction, call, waiting);
  }

  private attempt(
    session: Session,
    transaction: Transaction,
    call: Call,
    waiting: (again: () => Answer | undefined) => void,
    isAnew = false,
  ): Answer | undefined {
    const isAlone = session.transaction === undefined;
    transaction.waitsFor = undefined;
    transaction.beginStatement(isAnew);
    try {
      const rows = call(transaction);
      session.alone = undefined;
      if (isAlone) this.end(transaction, true);
      return { rows };
    } catch (error) {
      transaction.undoStatement();
      if (error === blocked && blocked.by !== undefined) {
        const { by } = blocked;
        transaction.waitsFor = by;
        if (isAlone) session.alone = transaction;
        const again = () => this.attempt(session, transaction, call, waiting, true);
        by.waiters.push(() => waiting(again));
        return undefined;
      }
      if (!(error instanceof DatabaseError)) throw error;
      session.alone = undefined;
      this.end(transaction, false);
      if (!isAlone) {
        session.transaction = undefined;
        session.isAborted = true;
      }
      return { error };
    }
  }

  begin(session: Session): Answer {
    if (session.isAborted) return { error: aborted() };
    session.transaction ??= new Transaction(this, session);
    return { rows: [] };
  }

  /** COMMIT or ROLLBACK. */
  finish(session: Session, isCommit: boolean): void {
    session.isAborted = false;
    if (session.transaction !== undefined) this.end(session.transaction, isCommit);
    session.transaction = undefined;
  }

  private end(transaction: Transaction, isCommit: boolean): void {
    transaction.isOver = true;
    transaction.waitsFor = undefined;
    if (isCommit) {
      this.onCommit?.(transaction.held);
      this.commits += 1;
    }
    for (const place of transaction.held) {
      if (isCommit && place.written !== unwritten) {
        place.earlier = place.committed;
        place.visibleSince = this.commits;
        place.committed = place.written;
      }
      place.written = unwritten;
      place.holder = undefined;
      if (place.committed === undefined) place.table.places.delete(place.key);
    }
    this.running.delete(transaction);
    if (transaction.xid !== undefined && transaction.xid > this.latestEnded)
      this.latestEnded = transaction.xid;
    if (isCommit) {
      for (const channel of transaction.notifications) {
        for (const session of this.sessions.values()) if (session.channels.has(channel)) session.notify?.();
      }
    }
    for (const wake of transaction.waiters.splice(0)) wake();
  }
}

const aborted = () => new DatabaseError('25P02', 'current transaction is aborted');

export type Answer = { readonly rows: object[] } | { readonly error: DatabaseError };

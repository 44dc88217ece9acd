import type { Connection, Lease, LockedInbox, Queryable } from '@skald/messaging/simulation';
import type { Subject } from './subjects.ts';

/** What one of two connections does. */
export interface Operation {
  readonly on: 0 | 1;
  readonly what: string;
  /** Which keys, effects, positions, inputs. */
  readonly which: readonly number[];
}

/** Of one connection, between its operations. */
export interface Memory {
  inbox?: LockedInbox | undefined;
  lease?: Lease | undefined;
}

/** Of one database. */
export interface OfDatabase {
  connect(): Promise<Connection>;
  /** They differ between two of them, what they say of each other doesn't. */
  readonly xids: bigint[];
}

export type Perform = (
  db: Queryable,
  which: readonly number[],
  memory: Memory,
  database: OfDatabase,
) => Promise<unknown>;

/** What every list of operations may hold. */
export const transactions = {
  begin: (db: Queryable) => db.query('BEGIN'),
  commit: (db: Queryable) => db.query('COMMIT'),
  rollback: (db: Queryable) => db.query('ROLLBACK'),
} as const;

const unheardOf: Perform = async () => {
  throw new Error('nobody knows this operation');
};

/**
 * Performs the operations, each as soon as its connection has answered the one before, and tells what was answered: by
 * which operation, in which order, and what had to wait. `end`: what each connection does last.
 */
export async function answersOf(
  subject: Subject,
  list: readonly Operation[],
  perform: Readonly<Record<string, Perform>>,
  end = 'rollback',
): Promise<string[]> {
  const connections = [await subject.connect(), await subject.connect()];
  const memories: Memory[] = [{}, {}];
  const database: OfDatabase = { connect: () => subject.database.connect(), xids: [] };
  const waiting = [false, false];
  const told: string[] = [];
  /** Answers to one operation, in whichever order they are heard. */
  let heard: string[] = [];
  const tell = (extra: readonly string[] = []) => {
    told.push(...heard.sort(), ...extra);
    heard = [];
  };
  const open = () => waiting.filter(Boolean).length;
  const issue = ({ on, what, which }: Operation, number: number): void => {
    waiting[on] = true;
    const say = (answer: unknown) => {
      waiting[on] = false;
      heard.push(`${number} ${on} ${what}: ${JSON.stringify(answer)}`);
    };
    const memory = memories[on] as Memory;
    const act = perform[what] ?? unheardOf;
    act(connections[on] as Connection, which, memory, database).then(say, (error: unknown) =>
      say(codeOf(error)),
    );
  };
  for (const [number, operation] of list.entries()) {
    if (waiting[operation.on]) continue;
    issue(operation, number);
    await subject.settle(open);
    // Which of the two has to give way is Postgres's own choice, and what follows from it.
    if (heard.some((answer) => answer.includes('40P01'))) {
      heard = [];
      tell([`${number} a deadlock`]);
      break;
    }
    tell(waiting[operation.on] ? [`${number} ${operation.on} ${operation.what} waits`] : []);
  }
  // Whoever still waits goes on once the other one lets go.
  for (const on of [0, 1] as const) {
    if (waiting[on]) continue;
    issue({ on, what: end, which: [] }, list.length + on);
    await subject.settle(open);
    if (told.at(-1)?.endsWith('a deadlock') !== true) tell();
  }
  for (const connection of connections) await connection.close();
  return told;
}

const codeOf = (error: unknown): string => `error ${(error as { code?: string }).code ?? String(error)}`;

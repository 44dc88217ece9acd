import { fileURLToPath } from 'node:url';
import type { Connection } from '@skald/messaging/simulation';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKernelTables, kernelStatements } from '../database/kernel-statements.ts';
import { type Horizons, type Memory, type Operation, operationLists, perform } from './kernel-operations.ts';
import { createModelSubject, createRealSubject, type Subject } from './subjects.ts';

const migrations = fileURLToPath(new URL('../../../services/email/migrations', import.meta.url));
const EMPTY = `TRUNCATE messaging.inbox, messaging.outbox, messaging.effects, messaging.parked;
  ALTER SEQUENCE messaging.outbox_position RESTART`;

let postgres: Subject;

beforeAll(async () => {
  postgres = await createRealSubject(inject('infrastructure'), migrations);
});

afterAll(() => postgres.close());

/**
 * Performs the operations, each as soon as its connection has answered the one before, and tells what was answered: by
 * which operation, in which order, and what had to wait.
 */
async function answersOf(subject: Subject, list: readonly Operation[]): Promise<string[]> {
  const connections = [await subject.connect(), await subject.connect()];
  const memories: Memory[] = [{ inbox: undefined }, { inbox: undefined }];
  const horizons: Horizons = { xids: [] };
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
    perform[what](connections[on] as Connection, which, memory, horizons).then(say, (error: unknown) =>
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
    issue({ on, what: 'rollback', which: [] }, list.length + on);
    await subject.settle(open);
    if (told.at(-1)?.endsWith('a deadlock') !== true) tell();
  }
  for (const connection of connections) await connection.close();
  return told;
}

const codeOf = (error: unknown): string => `error ${(error as { code?: string }).code ?? String(error)}`;

describe('the model of Postgres', () => {
  it('answers whatever the kernel asks on two connections as Postgres does, and waits where it waits', async () => {
    await fc.assert(
      fc.asyncProperty(operationLists, async (list) => {
        await postgres.database.query(EMPTY);
        const model = createModelSubject(
          { tables: createKernelTables(), statements: kernelStatements as never },
          1,
        );
        expect(await answersOf(model, list)).toEqual(await answersOf(postgres, list));
      }),
      { numRuns: 150, endOnFailure: false, interruptAfterTimeLimit: 100_000 },
    );
  }, 200_000);

  it('says so when it is asked what it does not know', async () => {
    const model = createModelSubject({ tables: createKernelTables(), statements: {} }, 1);
    const connection = await model.connect();
    void connection.query({ name: 'unheard-of', text: 'SELECT 1' });
    await expect(model.settle(() => 1)).rejects.toThrow(/unheard-of/);
  });
});

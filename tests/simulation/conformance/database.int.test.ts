import { fileURLToPath } from 'node:url';
import { serviceNames } from '@skald/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKernelTables, kernelStatements } from '../database/kernel-statements.ts';
import type { Execute } from '../database/server.ts';
import { answersOf, type Operation, type Perform } from './answers.ts';
import { effects, kernel, leases, listsOf, parking, starts } from './kernel-operations.ts';
import { services } from './service-operations.ts';
import { createModelSubject, createRealSubject, type Subject } from './subjects.ts';

const anyMigrations = fileURLToPath(new URL('../../../services/email/migrations', import.meta.url));
const EMPTY = `TRUNCATE messaging.inbox, messaging.outbox, messaging.effects, messaging.parked, messaging.progress,
    messaging.instances RESTART IDENTITY;
  UPDATE messaging.relay SET low = 0, epoch = 0, expires_at = '-infinity', backend_pid = NULL, backend_start = NULL;
  ALTER SEQUENCE messaging.outbox_position RESTART`;
/** The same lists each time: the model waits much as Postgres does, and other lists may show where it doesn't yet. */
const SEED = Number(process.env['SKALD_SEED'] ?? 1);
const INTERRUPT_MS = 100_000;
const LIMIT_MS = 200_000;

interface Comparison {
  readonly postgres: Subject;
  /** SQL, before each list. */
  readonly reset: string;
  /** The model's own tables, as they are before each list. */
  parts(): { tables: object; statements: Readonly<Record<string, Execute>> };
  readonly perform: Readonly<Record<string, Perform>>;
  readonly lists: fc.Arbitrary<Operation[]>;
  readonly numRuns: number;
  readonly end?: string;
}

/** Both are asked the same, list after list: they answer, fail and wait alike. */
const compare = ({ postgres, reset, parts, perform, lists, numRuns, end }: Comparison): Promise<void> =>
  fc.assert(
    fc.asyncProperty(lists, async (list) => {
      await postgres.database.query(reset);
      const model = createModelSubject(parts(), 1);
      expect(await answersOf(model, list, perform, end)).toEqual(
        await answersOf(postgres, list, perform, end),
      );
    }),
    { seed: SEED, numRuns, endOnFailure: false, interruptAfterTimeLimit: INTERRUPT_MS },
  );

describe('the model of Postgres answers as Postgres does, and waits where it waits, whatever is asked on two connections', () => {
  let postgres: Subject;
  beforeAll(async () => {
    postgres = await createRealSubject(inject('infrastructure'), anyMigrations);
  });
  afterAll(() => postgres.close());

  const parts = () => ({ tables: createKernelTables(), statements: kernelStatements as never });
  const families = [
    ['of keys and the outbox', kernel, ['begin', 'begin', 'lock', 'lock', 'lock', 'save', 'commit'], 60],
    ['of effects', effects, ['begin', 'insertEffects', 'insertEffects', 'startEffects', 'adoptEffects'], 40],
    ['of what is parked', parking, ['park', 'park', 'park', 'fail', 'queue'], 30],
    ['of starts and lives', starts, ['progressBegin', 'progressBegin', 'takeAlone', 'beat'], 30],
  ] as const;
  it.each(families)(
    '%s',
    async (_what, perform, often, numRuns) => {
      await compare({ postgres, reset: EMPTY, parts, perform, lists: listsOf(perform, often), numRuns });
    },
    LIMIT_MS,
  );

  it(
    "of the relay's lease",
    async () => {
      const lists = listsOf(leases, []);
      await compare({
        postgres,
        reset: EMPTY,
        parts,
        perform: leases,
        lists,
        numRuns: 10,
        end: 'handOver',
      });
    },
    LIMIT_MS,
  );
});

describe.each(serviceNames)('the model of the database of %s answers as that does', (name) => {
  const { migrations, reset, perform } = services[name]();
  let postgres: Subject;
  beforeAll(async () => {
    postgres = await createRealSubject(inject('infrastructure'), migrations);
  });
  afterAll(() => postgres.close());

  it(
    'whatever its service loads and saves on two connections',
    async () => {
      const parts = () => {
        const { tables, statements } = services[name]();
        return {
          tables: { ...createKernelTables(), ...tables },
          statements: { ...kernelStatements, ...statements } as never,
        };
      };
      const lists = listsOf(perform, ['begin', 'react', 'react', 'react', 'react', 'commit'], 80);
      await compare({ postgres, reset: `${EMPTY}; ${reset}`, parts, perform, lists, numRuns: 15 });
    },
    LIMIT_MS,
  );
});

describe('the model of Postgres', () => {
  it('says so when it is asked what it does not know', async () => {
    const model = createModelSubject({ tables: createKernelTables(), statements: {} }, 1);
    const connection = await model.connect();
    void connection.query({ name: 'unheard-of', text: 'SELECT 1' });
    await expect(model.settle(() => 1)).rejects.toThrow(/unheard-of/);
  });
});

import type { Execute, Table, Transaction } from './server.ts';

/** The rows of messaging.progress and messaging.mass_failure, by their statements' names: packages/messaging/src. */

export interface ProgressRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly holder: string | null;
  readonly in_hand: boolean;
  readonly alone_offset: number | null;
  readonly alone_until: number | null;
  readonly crashes: number;
  readonly alone_crashes: number;
}

export interface ProgressTables {
  readonly progress: Table<ProgressRow>;
  readonly massFailure: Table<{ is_suspected: boolean }>;
}

export const SUSPICION = 'suspicion';

const place = (topic: string, partition: number) => `${topic}/${partition}`;

/** `isLive`: of an instance. */
export const progressStatementsFor = <Tables extends ProgressTables>(
  isLive: (tx: Transaction, tables: Tables, id: string) => boolean,
): Readonly<Record<string, Execute<Tables>>> => ({
  'progress-begin': (tx, tables, [topic, partition, offset, instance]: [string, number, number, string]) => {
    const key = place(topic, partition);
    const fresh: ProgressRow = {
      topic,
      partition,
      offset,
      holder: instance,
      in_hand: false,
      alone_offset: null,
      alone_until: null,
      crashes: 0,
      alone_crashes: 0,
    };
    let now = fresh;
    tx.upsert(tables.progress, key, fresh, (before) => {
      const hasDied =
        before.holder !== null && before.holder !== instance && !isLive(tx, tables, before.holder);
      const wasAlone =
        hasDied && before.in_hand && before.alone_until !== null && before.alone_until >= offset;
      const hasStood = wasAlone || offset <= before.offset;
      now = {
        ...before,
        offset,
        holder: instance,
        in_hand: false,
        crashes: hasDied ? (hasStood ? before.crashes + 1 : 0) : before.crashes,
        alone_crashes: hasDied ? (wasAlone ? before.alone_crashes + 1 : 0) : before.alone_crashes,
      };
      return now;
    });
    const { crashes, alone_offset, alone_until, alone_crashes } = now;
    return [{ crashes, alone_offset, alone_until, alone_crashes }];
  },
  'progress-take-alone': (
    tx,
    tables,
    [topic, partition, from, until, instance]: [string, number, number, number, string],
  ) =>
    change(tx, tables, place(topic, partition), instance, (row) => ({
      ...row,
      in_hand: true,
      alone_offset: from,
      alone_until: until,
      alone_crashes: row.alone_offset === from && row.alone_until === until ? row.alone_crashes : 0,
    })),
  'progress-let-go': (tx, tables, [topic, partition, instance]: [string, number, string]) => {
    change(tx, tables, place(topic, partition), instance, (row) => ({ ...row, in_hand: false }));
    return [];
  },
  'progress-made': (tx, tables, [topic, partition, instance]: [string, number, string]) => {
    change(tx, tables, place(topic, partition), instance, (row) => ({
      ...row,
      crashes: 0,
      holder: null,
      in_hand: false,
      alone_offset: null,
      alone_until: null,
      alone_crashes: 0,
    }));
    return [];
  },
  'progress-release': (tx, tables, [instance]: [string]) => {
    for (const key of tables.progress.places.keys())
      change(tx, tables, key, instance, (row) => ({ ...row, holder: null, in_hand: false }));
    return [];
  },
  'mass-failure-read': (tx, { massFailure }) => [tx.get(massFailure, SUSPICION) ?? { is_suspected: false }],
  'mass-failure-suspect': (tx, { massFailure }, [isSuspected]: [boolean]) => {
    tx.upsert(massFailure, SUSPICION, { is_suspected: isSuspected }, () => ({ is_suspected: isSuspected }));
    return [];
  },
});

/** Where this instance holds it. */
function change(
  tx: Transaction,
  { progress }: ProgressTables,
  key: string,
  instance: string,
  to: (row: ProgressRow) => ProgressRow,
): object[] {
  if (tx.get(progress, key)?.holder !== instance) return [];
  const row = tx.lock(progress, key);
  if (row?.holder !== instance) return [];
  tx.write(progress, key, to(row));
  return [{ held: 1 }];
}

import { ask, askLines } from './api.ts';

/** What names a dead letter. */
export interface Identity {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface DeadLetter extends Identity {
  readonly key: string;
  readonly event: string | null;
  readonly error: { readonly code: string; readonly text: string };
  readonly attempts: number;
  readonly firstFailedAt: string;
  readonly edited: boolean;
  readonly state: 'open' | 'redriven' | 'discarded';
  readonly resolvedBy: string | null;
  readonly resolvedBecause: string | null;
}

export interface DeadLetterPage {
  readonly deadLetters: readonly DeadLetter[];
  readonly nextCursor: string | null;
  readonly facets: {
    readonly total: number;
    readonly group: Readonly<Record<string, number>>;
    readonly topic: Readonly<Record<string, number>>;
    readonly code: Readonly<Record<string, number>>;
  } | null;
}

export interface DeadLetterDetail {
  readonly deadLetter: DeadLetter;
  readonly content: { readonly name: string; readonly data: unknown } | { readonly undecodable: string };
  readonly rawValue: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly stack: string | null;
  readonly parking: { readonly queue: readonly unknown[]; readonly redrivesLeft: number } | null;
  readonly traceUrl: string | null;
  readonly missing: readonly string[];
}

export type JobLine =
  | { readonly type: 'start'; readonly action: Act; readonly dryRun: boolean; readonly total: number }
  | {
      readonly type: 'result';
      readonly deadLetter: Identity;
      readonly outcome: string;
      readonly failed: boolean;
      readonly verdicts: readonly unknown[];
    }
  | { readonly type: 'waiting'; readonly for: string; readonly because: string }
  | {
      readonly type: 'end';
      readonly total: number;
      readonly done: number;
      readonly failed: number;
      readonly outcomes: Readonly<Record<string, number>>;
      readonly stopped: string | null;
    };

export interface Filter {
  readonly state: 'open' | 'redriven' | 'discarded' | 'all';
  readonly group: string;
  readonly topic: string;
  readonly code: string;
  readonly text: string;
}

/** Throws ApiProblem. */
export function listDeadLetters(filter: Filter, cursor?: string): Promise<DeadLetterPage> {
  const query = new URLSearchParams({ limit: '50' });
  for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value);
  if (cursor !== undefined) query.set('cursor', cursor);
  return ask(`/api/dead-letters?${query}`);
}

const pathOf = ({ group, topic, partition, offset }: Identity): string =>
  `/api/dead-letters/${group}/${topic}/${partition}/${offset}`;

export const readDeadLetter = (id: Identity): Promise<DeadLetterDetail> => ask(pathOf(id));

export interface Because {
  readonly by: string;
  readonly reason: string;
}

export const editDeadLetter = (id: Identity, data: unknown, because: Because): Promise<unknown> =>
  ask(`${pathOf(id)}/value`, { method: 'PUT', body: { data, ...because } });

export type Act = 'try' | 'redrive' | 'discard';

const routes: Readonly<Record<Act, string>> = {
  try: '/api/tries',
  redrive: '/api/redrives',
  discard: '/api/discards',
};

/** Either named one by one, or all that match and are open. */
export type Selection =
  | { readonly deadLetters: readonly Identity[] }
  | { readonly filter: Readonly<Partial<Omit<Filter, 'state'>>> };

export const oneByOne = ({ group, topic, partition, offset }: Identity): Selection => ({
  deadLetters: [{ group, topic, partition, offset }],
});

/** All that a list with this filter shows, and what it has no room for. */
export const allThatMatch = ({ state: _state, ...fields }: Filter): Selection => ({
  filter: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
});

/** Hands over a line for each message, as it goes; an abort ends it. Throws ApiProblem. */
export function act(
  which: Act,
  selection: Selection,
  how: { readonly dryRun: boolean } & Because,
  signal: AbortSignal,
  onLine: (line: JobLine) => void,
): Promise<void> {
  const body = which === 'try' ? selection : { ...selection, ...how };
  return askLines(routes[which], { method: 'POST', body, signal }, onLine);
}

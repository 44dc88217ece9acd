import { groupNames, type TopicName, topics } from '@skald/contracts';
import { z } from 'zod';

const topicNames = Object.keys(topics) as [TopicName, ...TopicName[]];

/** Which dead letters: all that hold at once. */
export const filterFields = {
  group: z.enum(groupNames).optional().describe('The consumer group that could not handle it'),
  topic: z.enum(topicNames).optional().describe('Where the message was read'),
  code: z.string().min(1).max(100).optional().describe('Error code, such as UNDECODABLE'),
  key: z.string().max(300).optional().describe('The whole key; hex:… of one that is no text'),
  from: z.iso.datetime({ offset: true }).optional().describe('Failed first at this time or later'),
  to: z.iso.datetime({ offset: true }).optional().describe('Failed first before this time'),
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Somewhere in key, event, error, headers or value; case aside'),
};

export type Filter = { readonly [Name in keyof typeof filterFields]?: string | undefined };

export type State = 'open' | 'redriven' | 'discarded';

export interface Condition {
  /** A boolean expression in SQL over `dead_letters`. */
  readonly sql: string;
  readonly values: readonly unknown[];
}

const columns = {
  group: (at: string) => `consumer_group = ${at}`,
  topic: (at: string) => `topic = ${at}`,
  code: (at: string) => `error_code = ${at}`,
  key: (at: string) => `key = ${at}`,
  from: (at: string) => `first_failed_at >= ${at}::timestamptz`,
  to: (at: string) => `first_failed_at < ${at}::timestamptz`,
  text: (at: string) => `position(lower(${at}) IN words) > 0`,
} satisfies Record<keyof Filter, (at: string) => string>;

/** The filter in SQL, its values as parameters from $1 on. `state` undefined: any. */
export function conditionOf(filter: Filter, state: State | undefined): Condition {
  const terms: string[] = [];
  const values: unknown[] = [];
  const add = (term: (at: string) => string, value: unknown) => {
    values.push(value);
    terms.push(term(`$${values.length}`));
  };
  if (state !== undefined) add((at) => `state = ${at}`, state);
  for (const [name, term] of Object.entries(columns)) {
    const value = filter[name as keyof Filter];
    if (value !== undefined) add(term, value);
  }
  return { sql: terms.length === 0 ? 'true' : terms.join(' AND '), values };
}

/** The same condition and one more, which says where its value stands. */
export const and = ({ sql, values }: Condition, term: (at: string) => string, value: unknown): Condition => ({
  sql: `${sql} AND ${term(`$${values.length + 1}`)}`,
  values: [...values, value],
});

import { groupNames, type TopicName, topics } from '@skald/contracts';
import { z } from 'zod';
import { sample } from './docs.ts';
import { filterFields } from './filter.ts';

const topicNames = Object.keys(topics) as [TopicName, ...TopicName[]];
const text = z.string().max(1_000);

const identity = {
  group: z.enum(groupNames).describe('The consumer group that could not handle it'),
  topic: z.enum(topicNames).describe('Where the message was read'),
  partition: z.int().min(0),
  offset: z.int().min(0),
};

export const identityPath = z.strictObject({
  group: identity.group.meta({ examples: [sample.group] }),
  topic: identity.topic.meta({ examples: [sample.topic] }),
  partition: z.coerce
    .number()
    .int()
    .min(0)
    .meta({ description: 'Its partition there', examples: [sample.partition] }),
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .meta({ description: 'Its offset there', examples: [sample.offset] }),
});

export const listQuery = z.strictObject({
  ...filterFields,
  state: z.enum(['open', 'redriven', 'discarded', 'all']).default('open').describe('What became of it'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Dead letters a page, 1 to 1,000'),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'Must be the nextCursor of the page before')
    .optional()
    .describe('`nextCursor` of the page before; none for the first'),
});
export type ListQuery = z.infer<typeof listQuery>;

/** Dead letters named one by one. */
export const MAX_NAMED = 500;

const selection = {
  deadLetters: z.array(z.strictObject(identity)).min(1).max(MAX_NAMED).optional(),
  /** `{}`: all that are open. */
  filter: z.strictObject(filterFields).optional(),
};

const pace = {
  perSecond: z.int().min(1).max(1_000).default(50).describe('Messages a second, at most'),
};

const actor = {
  by: text.min(1).describe('Who does it: goes into the audit log'),
  reason: text.min(1).describe('Why: goes into the audit log'),
};

const gap = {
  acceptGap: z
    .boolean()
    .default(false)
    .describe(
      'Take a message in though its predecessors are missing: should they still come, they count as duplicates',
    ),
};

const dry = {
  dryRun: z.boolean().default(true).describe('Says what would happen, and changes nothing'),
};

/** Exactly one of the two: a request that names nothing must not mean everything. */
const namesOne = ({ deadLetters, filter }: { deadLetters?: unknown; filter?: unknown }): boolean =>
  (deadLetters === undefined) !== (filter === undefined);
const namesOneText = { error: 'Either deadLetters or filter', path: ['filter'] };

export const tryBody = z.strictObject({ ...selection, ...pace, ...gap }).refine(namesOne, namesOneText);

export const redriveBody = z
  .strictObject({ ...selection, ...pace, ...actor, ...gap, ...dry })
  .refine(namesOne, namesOneText);

export const discardBody = z
  .strictObject({ ...selection, ...pace, ...actor, ...dry })
  .refine(namesOne, namesOneText);

export const editBody = z.strictObject({
  name: z.string().max(100).optional().describe("The event's name, where neither value nor headers tell"),
  data: z.unknown().describe("The new value, as the event's schema wants it"),
  ...actor,
});

export const logQuery = z.strictObject({
  group: z.enum(groupNames).optional().describe('Acts upon dead letters of this service alone'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Entries, 1 to 1,000'),
});

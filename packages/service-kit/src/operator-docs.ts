import {
  type ActRequest,
  type EditRequest,
  type MessageId,
  type RedriveRequest,
  type TryRequest,
  topicOf,
} from '@skald/contracts';
import type { RouteDocs } from './route-docs.ts';

const message: MessageId = { topic: topicOf('OrderCreated'), partition: 3, offset: 17 };
const actor = { by: 'ada', reason: 'The build that failed is fixed' };

const said = 'What can’t be acted upon is said message by message, in `refusal`';
const unfit =
  'The value doesn’t fit its schema: `errors` names each field (`urn:skald:problem:invalid-value`)';

/** What the document says of the operator routes, by the last part of their paths. */
export const operatorDocs = {
  parked: { problems: { 404: 'It is not parked here, nor was it lately' } },
  try: {
    examples: {
      asItIs: { summary: 'As it came', value: { messages: [message] } satisfies Partial<TryRequest> },
    },
    problems: { 422: unfit },
  },
  redrive: {
    examples: {
      one: {
        summary: 'One message, and what waits behind it',
        value: { messages: [message], ...actor } satisfies Partial<RedriveRequest>,
      },
    },
  },
  discard: {
    examples: {
      one: {
        summary: 'One message, for good',
        value: { messages: [message], by: 'ada', reason: 'A test of ours' } satisfies ActRequest,
      },
    },
  },
  edit: {
    examples: {
      cancelled: {
        summary: 'A whole new value, under the name of its event',
        value: {
          message: { ...message, topic: topicOf('OrderCancelled') },
          name: 'OrderCancelled',
          data: {
            orderId: '01a1fe09-5e67-7f68-8164-e3d98ce02c3a',
            reason: 'CANCELLED_BY_CUSTOMER',
            cancelledAt: 1_767_225_600_000,
          },
          ...actor,
        } satisfies EditRequest,
      },
    },
    problems: {
      404: 'It is not parked here',
      409: 'It can’t be edited: it was redriven or discarded before, or it waits behind a failed one',
      422: unfit,
    },
  },
  /** Of the acts on many messages. */
  said,
} as const satisfies Record<string, RouteDocs | string>;

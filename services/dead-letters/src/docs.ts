import { topicOf } from '@skald/contracts';
import type { RouteDocs } from '@skald/service-kit';
import type { Identity } from './dead-letter.ts';

/** The one of the README. */
export const sample: Identity = {
  group: 'shipping',
  topic: topicOf('OrderContact'),
  partition: 3,
  offset: 17,
};

const actor = { by: 'ada', reason: 'The build that failed is fixed' };
const noAddress =
  'SERVICE_URLS holds no address of a service that is concerned (`urn:skald:problem:unknown-service`)';
const underWay =
  'Another redrive or discard by filter is under way for that service (`urn:skald:problem:job-under-way`)';

export const reading: RouteDocs = {
  problems: { 404: 'There is no such dead letter (`urn:skald:problem:unknown-dead-letter`)' },
};

export const trying: RouteDocs = {
  examples: {
    one: { summary: 'One dead letter', value: { deadLetters: [sample] } },
    all: { summary: 'All that are open of one service', value: { filter: { group: 'shipping' } } },
  },
  problems: { 422: noAddress },
};

export const redriving: RouteDocs = {
  examples: {
    rehearsal: {
      summary: 'Says what would happen to all that failed in one way; changes nothing',
      value: { filter: { group: 'shipping', code: 'UNDECODABLE' }, ...actor, dryRun: true },
    },
    one: { summary: 'Sends one back', value: { deadLetters: [sample], ...actor, dryRun: false } },
  },
  problems: { 409: underWay, 422: noAddress },
};

export const discarding: RouteDocs = {
  examples: {
    rehearsal: {
      summary: 'Says which ones would be given up; changes nothing',
      value: { filter: { group: 'shipping' }, by: 'ada', reason: 'Orders of a test', dryRun: true },
    },
    one: { summary: 'Gives one up', value: { deadLetters: [sample], ...actor, dryRun: false } },
  },
  problems: { 409: underWay, 422: noAddress },
};

export const editing: RouteDocs = {
  examples: {
    contact: {
      summary: 'A whole new value, under the name of its event',
      value: {
        name: 'OrderContact',
        data: {
          orderId: '01a1fe09-5e67-7f68-8164-e3d98ce02c3a',
          name: 'Ada Lovelace',
          street: '12 Analytical Way',
          postalCode: '10115',
          city: 'Berlin',
          country: 'DE',
          email: 'ada@example.org',
        },
        ...actor,
      },
    },
  },
  problems: {
    404: 'It is not parked any more',
    409: 'It can’t be edited: it was redriven or discarded before, or it waits behind a failed one',
    422: `The value doesn’t fit its schema: \`errors\` names each field (\`urn:skald:problem:invalid-value\`); or ${noAddress}`,
    502: 'The service answered what is not agreed upon',
  },
};

import { type Topic, topics } from '@skald/contracts';

/** The topics whose key is an order. */
export const orderTopics: readonly Topic[] = Object.values(topics).filter(({ key }) => key === 'orderId');

import {
  type MessageId,
  type ParkedPage,
  type RedriveAnswer,
  type ServiceName,
  serviceNames,
} from '@skald/contracts';
import { ask, eventually } from '@skald/testkit';
import type { Field } from './fault.ts';

/** Messages that may be acted upon at once. */
const AT_ONCE = 100;
const PATIENCE_MS = 60_000;

/**
 * What the run has planted is parked, under keys of its own, and nothing waits behind it: it is discarded, as an operator
 * would, so that the verdict is on a system in which nothing waits. Answers how many messages that were.
 */
export async function settlePlanted({ stack, planted, say }: Field): Promise<number> {
  const { services, operatorToken } = stack.addresses;
  const asOperator = <Answer>(service: ServiceName, path: string, body?: unknown) =>
    ask<Answer>(`${services[service]}/operator/${path}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
      ...(body !== undefined && { method: 'POST', body }),
    });

  async function discardOf(service: ServiceName): Promise<number> {
    const { messages } = await asOperator<ParkedPage>(service, 'parked?limit=1000&state=failed');
    const own: MessageId[] = messages
      .filter(({ key }) => planted.has(key))
      .slice(0, AT_ONCE)
      .map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    if (own.length === 0) return 0;
    const request = { messages: own, by: 'faults', reason: 'planted by the fault suite' };
    const { results } = await asOperator<RedriveAnswer>(service, 'discard', request);
    return results.filter(({ refusal }) => refusal === null).length;
  }

  let discarded = 0;
  for (const service of serviceNames) {
    await eventually(
      async () => {
        const count = await discardOf(service);
        discarded += count;
        return count === 0;
      },
      { timeoutMs: PATIENCE_MS, what: `${service} has discarded what was planted` },
    );
  }
  if (discarded > 0) say(`${discarded} poison messages under ${planted.size} keys were discarded`);
  return discarded;
}

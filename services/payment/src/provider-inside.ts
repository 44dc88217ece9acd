import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '@skald/messaging';
import type { Provider } from './provider.ts';
import { chargeAnswerOf, refundAnswerOf } from './provider-answers.ts';
import type { Answer, Request } from './simulator.ts';
import type { Teller } from './teller.ts';

/** The simulator without a wire between: for benchmarks, and for tests of the rules. */
export function createInsideProvider(teller: Teller, timeoutMs: number): Provider {
  /** As patient as a caller by HTTP. What was decided by then stays decided. */
  async function ask(request: Request, signal: AbortSignal): Promise<Answer> {
    const taken = teller.take(request);
    if (taken.delayMs === 0) return taken.answer;
    await sleep(Math.min(taken.delayMs, timeoutMs), undefined, { signal }).catch(noAnswer);
    if (taken.delayMs > timeoutMs) noAnswer();
    return taken.answer;
  }

  return {
    async charge(key, { orderId, amount, paymentMethod }, signal) {
      const body = { orderId, ...amount, paymentMethod };
      return chargeAnswerOf(await ask({ to: 'charge', key, body }, signal));
    },
    async refund(key, { chargeId, amount }, signal) {
      return refundAnswerOf(await ask({ to: 'refund', key, body: { chargeId, ...amount } }, signal));
    },
    close: async () => {},
  };
}

function noAnswer(cause?: unknown): never {
  throw new TransientError('PROVIDER_TIMEOUT', 'No answer from the payment provider in time', { cause });
}

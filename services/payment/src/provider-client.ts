import { TransientError } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import {
  BrokenCircuitError,
  bulkhead,
  circuitBreaker,
  handleAll,
  type IPolicy,
  SamplingBreaker,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { Pool } from 'undici';
import type { Provider } from './provider.ts';
import { chargeAnswerOf, refundAnswerOf, type WireAnswer } from './provider-answers.ts';

export interface ProviderClientOptions {
  /** Where the provider is: http://127.0.0.1:4010 */
  readonly url: string;
  /** How long one call may take, ms. */
  readonly timeoutMs: number;
  /** Calls at once, each on a connection of its own. */
  readonly concurrency?: number;
  readonly logger?: Logger;
}

/** Half of the calls of 5 s failed: the provider is in trouble. Twice a second at least, or they say nothing. */
const BREAKER = { threshold: 0.5, duration: 5_000, minimumRps: 2 };
/** How long to leave a provider in trouble alone before the next try, ms. */
const PAUSE_MS = 1_000;

/** Speaks to the provider by HTTP. The one who waits for a provider that is down is the caller: see the port. */
export function createProviderClient(options: ProviderClientOptions): Provider {
  const { url, timeoutMs, concurrency = 64, logger } = options;
  const base = new URL(url);
  const pool = new Pool(base.origin, { connections: concurrency, pipelining: 1 });
  const policy = createPolicy(timeoutMs, concurrency, logger);

  async function post(path: string, key: string, body: object, signal: AbortSignal): Promise<WireAnswer> {
    const answer = await pool.request({
      method: 'POST',
      path: `${base.pathname.replace(/\/$/, '')}${path}`,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal,
    });
    const { statusCode: status } = answer;
    const text = await answer.body.text();
    if (status >= 500) throw new TransientError('PROVIDER_FAILED', `The payment provider answered ${status}`);
    return { status, body: parsed(text) };
  }

  async function ask(path: string, key: string, body: object, signal: AbortSignal): Promise<WireAnswer> {
    try {
      return await policy.execute((context) => post(path, key, body, context.signal), signal);
    } catch (error) {
      throw transient(error, timeoutMs);
    }
  }

  return {
    async charge(key, { orderId, amount, paymentMethod }, signal) {
      return chargeAnswerOf(await ask('/charges', key, { orderId, ...amount, paymentMethod }, signal));
    },
    async refund(key, { chargeId, amount }, signal) {
      return refundAnswerOf(await ask('/refunds', key, { chargeId, ...amount }, signal));
    },
    close: () => pool.destroy(),
  };
}

/** Outside in: so many at once, the others wait; while the provider is in trouble, none; each for so long at most. */
function createPolicy(timeoutMs: number, concurrency: number, logger?: Logger): IPolicy {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: PAUSE_MS,
    breaker: new SamplingBreaker(BREAKER),
  });
  breaker.onBreak(() => logger?.warn('The payment provider is in trouble: charges and refunds wait'));
  breaker.onReset(() => logger?.info('The payment provider answers again'));
  return wrap(
    bulkhead(concurrency, Number.POSITIVE_INFINITY),
    breaker,
    timeout(timeoutMs, TimeoutStrategy.Aggressive),
  );
}

/** Whatever kept the answer from us, the charge may have been made: ask again, with the same key. */
function transient(error: unknown, timeoutMs: number): TransientError {
  if (error instanceof TransientError) return error;
  if (error instanceof TaskCancelledError) {
    return new TransientError('PROVIDER_TIMEOUT', `No answer from the payment provider in ${timeoutMs} ms`);
  }
  if (error instanceof BrokenCircuitError) {
    return new TransientError('PROVIDER_IN_TROUBLE', 'The payment provider is left alone for a moment');
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new TransientError('PROVIDER_UNREACHABLE', `The payment provider can't be reached: ${reason}`, {
    cause: error,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

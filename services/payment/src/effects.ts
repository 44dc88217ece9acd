import type { EffectRunner } from '@skald/messaging';
import type { ChargeAnswer, ChargeOrder, Provider, RefundAnswer, RefundOrder } from './provider.ts';

/** Calls to the provider: asked for again under the same key until there is an answer. */
export interface PaymentEffects extends Record<string, EffectRunner<never, unknown>> {
  charge: EffectRunner<ChargeOrder, ChargeAnswer>;
  refund: EffectRunner<RefundOrder, RefundAnswer>;
}

export const createEffects = (provider: Provider): PaymentEffects => ({
  charge: { repeatable: true, run: ({ id, data }, signal) => provider.charge(id, data, signal) },
  refund: { repeatable: true, run: ({ id, data }, signal) => provider.refund(id, data, signal) },
});

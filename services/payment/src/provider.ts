import type { Money } from '@skald/contracts';

/** A charge that the provider is asked for. */
export interface ChargeOrder {
  readonly orderId: string;
  readonly amount: Money;
  /** The provider's token: tok_visa. */
  readonly paymentMethod: string;
}

/** A refund that the provider is asked for. */
export interface RefundOrder {
  readonly orderId: string;
  readonly chargeId: string;
  readonly amount: Money;
}

/** A decline is an answer, not an error. */
export type ChargeAnswer =
  | { readonly status: 'charged'; readonly chargeId: string }
  | { readonly status: 'declined'; readonly code: string };

export interface RefundAnswer {
  readonly refundId: string;
}

/**
 * A payment provider. The same key gets the same answer, however often it is asked: a charge whose answer was lost
 * is asked for again. Both throw TransientError for as long as there is no answer.
 */
export interface Provider {
  charge(key: string, order: ChargeOrder, signal: AbortSignal): Promise<ChargeAnswer>;
  /**
   * A refund that the provider refuses is money that we owe: a TransientError too, asked for again until somebody has
   * settled it with the provider.
   */
  refund(key: string, order: RefundOrder, signal: AbortSignal): Promise<RefundAnswer>;
  close(): Promise<void>;
}

import type { OrderReadModel } from '@skald/contracts';
import type { Rows } from './database-handlers.ts';

/**
 * What a checkout's handlers make of an order: a line of JSON for each line of the recording. Both checkouts of a
 * comparison have this program; another shape of it gets another number.
 */
export const PROTOCOL = 2;

export interface Hello {
  readonly protocol: number;
}

export interface OrderAnswer {
  readonly orderId: string;
  /** In the order in which they were said. */
  readonly events: readonly {
    readonly topic: string;
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
  /** Calls to the world outside that were asked for, and made by nobody. */
  readonly effects: readonly {
    readonly service: string;
    readonly kind: string;
    readonly id: string;
    readonly data: unknown;
    /** The record tells how it ended. */
    readonly answered: boolean;
  }[];
  /** Inputs that their handler can't take. */
  readonly parked: readonly {
    readonly service: string;
    readonly input: string;
    readonly code: string;
    readonly text: string;
  }[];
  /** Rows by service and table. */
  readonly states: Readonly<Record<string, Rows>>;
  /** What order-view makes of these events, as it would publish it at last; null where it publishes nothing. */
  readonly readModel: OrderReadModel | null;
}

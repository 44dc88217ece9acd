import type { EventName, Events } from '@skald/contracts';

/** What every input carries, wherever it comes from. */
interface Arrival {
  /** The key this input belongs to and is locked by: an order id, a SKU. */
  readonly key: string;
  /** When it happened, epoch ms: `ce_time` of an event, arrival of a command, completion of an effect. */
  readonly time: number;
  /** `ce_id` of the event, or an id of its own: the causation id of whatever follows from it. UUIDv7. */
  readonly id: string;
  /** Follows one customer's request through all services. */
  readonly correlationId: string;
  /** W3C trace context that what follows is published in. */
  readonly traceparent?: string | undefined;
}

/** A decoded event from a topic. `name` tells `data` apart, so a switch on it narrows. */
export type EventInput<Name extends EventName = EventName> = {
  readonly [N in Name]: Arrival & {
    readonly kind: 'event';
    readonly name: N;
    readonly data: Events[N];
    /** Version of this key in its topic: 1, 2, 3 … without a gap. */
    readonly sequence: number;
    /** Where it lies in its topic. */
    readonly place?: { readonly partition: number; readonly offset: number };
  };
}[Name];

/** Something asked for from the side: an HTTP request, a deadline. */
export interface CommandInput<Name extends string = string, Data = unknown> extends Arrival {
  readonly kind: 'command';
  readonly name: Name;
  readonly data: Data;
}

/** How an effect ended, fed back as an input. */
export interface OutcomeInput<Name extends string = string, Data = unknown> extends Arrival {
  readonly kind: 'outcome';
  /** The effect's kind: `charge`, `refund`, `mail`, `booking`. */
  readonly name: Name;
  /** What the effect's runner answered; for an unrepeatable effect that may or may not have run, its `unknown`. */
  readonly data: Data;
}

export type Input = EventInput | CommandInput | OutcomeInput;

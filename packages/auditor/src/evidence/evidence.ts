import type { ServiceName } from '@skald/contracts';
import type { BusinessRows } from './business-rows.ts';
import type { Chains, Stray } from './chains.ts';
import type { KernelRows } from './kernel-rows.ts';
import type { Bytes, Letter } from './letters.ts';
import type { OutboxLook } from './outbox.ts';
import type { Charge, Mailbox } from './world.ts';

/** A schema that something was written with, as the registry's subject of the event has it. */
export interface SchemaUse {
  readonly id: number;
  readonly event: string;
  /** Why today's readers can't read what was written with it; undefined if they can. */
  readonly unreadable: string | undefined;
}

/** What was looked up once more, after the topics were read: only what is told of there, and was not known before. */
export interface SecondLook {
  /** Orders that the order service has by now. */
  readonly orders: ReadonlySet<string>;
  /** `topic key` → the last sequence that its writer has given out by now. */
  readonly published: ReadonlyMap<string, number>;
}

/**
 * All that can be known of a system without asking the code that made it so. It is read in the direction in which work
 * flows, see `gatherEvidence`: what every reader had applied before the topics were read, and what was on its way.
 */
export interface Evidence {
  /** When the first database was read, epoch ms. */
  readonly takenAt: number;
  /** By group, then `topic/partition`: the offset that was committed before the databases were read. */
  readonly committed: ReadonlyMap<ServiceName, ReadonlyMap<string, number>>;
  readonly kernels: ReadonlyMap<ServiceName, KernelRows>;
  readonly business: BusinessRows;
  readonly ledger: ReadonlyMap<string, readonly Charge[]>;
  readonly mailbox: Mailbox;
  readonly letters: ReadonlyMap<string, Letter>;
  /** Of the records that dead letters are about, by their place. */
  readonly originals: ReadonlyMap<string, Bytes>;
  readonly chains: Chains;
  readonly strays: readonly Stray[];
  /** Events whose `ce_source` is not the topic's writer: `topic/partition@offset` → source. */
  readonly impostors: readonly { readonly place: string; readonly key: string; readonly says: string }[];
  readonly outboxes: ReadonlyMap<ServiceName, OutboxLook>;
  readonly second: SecondLook;
  readonly schemas: readonly SchemaUse[];
  /** Records read, and those left out because their source is to be ignored. */
  readonly records: number;
  /** `topic key` of records that are left out: what services made of them is left out, too. */
  readonly ignored: ReadonlySet<string>;
  /** By `topic/partition`: the first offset that is still there, where it isn't 0. */
  readonly starts: ReadonlyMap<string, number>;
}

export const placeOf = (topic: string, key: string): string => `${topic} ${key}`;

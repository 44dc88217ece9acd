import { groups, type ServiceName, serviceNames, type TopicName, topics } from '@skald/contracts';
import { createEventDecoder } from '../event-decoder.ts';
import { createTopicReader, type TopicReader } from '../topic-reader.ts';
import { asking, type Witnesses } from '../witnesses.ts';
import { type BusinessRows, readMailStates, readOrders, readStates, readStock } from './business-rows.ts';
import { type Evidence, placeOf, type SecondLook } from './evidence.ts';
import { type KernelRows, readKernelRows } from './kernel-rows.ts';
import { createOutboxMatch, type OutboxLook } from './outbox.ts';
import { readEntry } from './outbox-entry.ts';
import { inSnapshot, type Snapshot } from './snapshot.ts';
import { readTopics } from './topics.ts';
import { readLedger, readMailbox } from './world.ts';

export interface GatherOptions {
  /** Records with one of these for their `ce_source` are left out, and what services made of them. */
  readonly ignoreSources?: readonly string[];
  /** Called often. */
  onProgress?(says: string): void;
}

/**
 * Reads all witnesses, once each, of a system that may be at work. The order of the looks is what makes them agree:
 *
 * 1. the groups' committed offsets: what lies below them must be in the databases by now;
 * 2. the databases, each in one snapshot: what the inboxes have applied must be on the topics;
 * 3. the provider's ledger and the mailbox;
 * 4. the topics: what the relays said was acknowledged must be there. An order all of whose events were applied in 2, and
 *    of which nothing was open there, has not moved since: all that was read of it is of one state;
 * 5. the outboxes, and once more what the topics told of and 2 did not know: all that is published must be committed.
 *
 * Throws `WitnessAway` when one of them doesn't answer.
 */
export async function gatherEvidence(
  witnesses: Witnesses,
  { ignoreSources = [], onProgress = () => {} }: GatherOptions = {},
): Promise<Evidence> {
  const reader = createTopicReader(witnesses);
  try {
    onProgress('the groups’ offsets');
    const committed = await asking('Kafka', () => readCommitted(reader));
    const takenAt = Date.now();
    onProgress('the databases');
    const { kernels, business } = await readDatabases(witnesses);
    onProgress(`${business.orders.size} orders in the databases; the ledger and the mailbox`);
    const [ledger, mailbox] = await Promise.all([
      readLedger(witnesses, (charges) => onProgress(`${charges} charges`)),
      readMailbox(witnesses),
    ]);
    const told = await readTopics(reader, createEventDecoder(witnesses), {
      ignoreSources: new Set(ignoreSources),
      onRecords: (read) => onProgress(`${read} records of the topics`),
    });
    onProgress('the outboxes');
    const outboxes = await readOutboxes(witnesses, kernels, told);
    const second = await lookAgain(witnesses, { kernels, business, ledger, mailbox, ...told });
    return { takenAt, committed, kernels, business, ledger, mailbox, ...told, outboxes, second };
  } finally {
    await reader.close().catch(() => {});
  }
}

async function readCommitted(reader: TopicReader): Promise<Evidence['committed']> {
  const offsets = serviceNames.map(
    async (group) => [group, await reader.committed(group, groups[group])] as const,
  );
  return new Map(await Promise.all(offsets));
}

async function readDatabases({ auditor }: Pick<Witnesses, 'auditor'>) {
  const kernels = new Map<ServiceName, KernelRows>();
  const read = <Part>(service: ServiceName, readBusiness: (snapshot: Snapshot) => Promise<Part>) =>
    inSnapshot(service, auditor[service], async (snapshot) => {
      kernels.set(service, await readKernelRows(snapshot));
      return await readBusiness(snapshot);
    });
  const [orders, stock, payments, shipments, mailStates] = await Promise.all([
    read('order', readOrders),
    read('inventory', readStock),
    read('payment', (snapshot) => readStates(snapshot, 'payments')),
    read('shipping', (snapshot) => readStates(snapshot, 'shipments')),
    read('email', readMailStates),
  ]);
  const business: BusinessRows = { ...orders, ...stock, payments, shipments, mailStates };
  return { kernels, business };
}

async function readOutboxes(
  { auditor }: Pick<Witnesses, 'auditor'>,
  kernels: Evidence['kernels'],
  { chains, letters }: Pick<Evidence, 'chains' | 'letters'>,
): Promise<Evidence['outboxes']> {
  const outboxes = new Map<ServiceName, OutboxLook>();
  for (const [service, { low }] of kernels) {
    const match = createOutboxMatch(low, chains, letters);
    await inSnapshot(service, auditor[service], async (snapshot) => {
      const rows = snapshot.rows<{ position: number; createdAt: number; entry: Buffer }>(
        `SELECT position, extract(epoch FROM created_at)::float8 * 1000 AS "createdAt", entry
         FROM messaging.outbox ORDER BY position`,
      );
      for await (const { entry, ...row } of rows) match.take({ ...row, records: readEntry(entry) });
    });
    outboxes.set(service, match.look());
  }
  return outboxes;
}

type FirstLook = Pick<Evidence, 'kernels' | 'business' | 'ledger' | 'mailbox' | 'chains'>;

/** Asks again for what is told of and was not known when the databases were read: newer, or made up? */
async function lookAgain({ auditor }: Pick<Witnesses, 'auditor'>, first: FirstLook): Promise<SecondLook> {
  const unknown = unknownOrders(first);
  const orders = await inSnapshot('order', auditor['order'], (snapshot) =>
    snapshot.all<{ id: string }>(
      'SELECT order_id::text AS id FROM orders WHERE order_id::text = ANY ($1::text[])',
      [unknown],
    ),
  );
  const published = new Map<string, number>();
  for (const [service, kernel] of first.kernels) {
    const keys = unpublishedKeys(service, kernel, first);
    if (keys.length === 0) continue;
    const rows = await inSnapshot(service, auditor[service], (snapshot) =>
      snapshot.all<{ topic: string; key: string; published: number }>(
        `SELECT topic, key, published FROM messaging.inbox_view
         WHERE key = ANY ($1::text[]) AND published IS NOT NULL`,
        [keys],
      ),
    );
    for (const row of rows) published.set(placeOf(row.topic, row.key), row.published);
  }
  return { orders: new Set(orders.map(({ id }) => id)), published };
}

function unknownOrders({ business, ledger, mailbox, chains }: FirstLook): string[] {
  const told = new Set<string>([...ledger.keys(), ...mailbox.byOrder.keys()]);
  for (const { name, key } of Object.values(topics)) {
    if (key !== 'orderId') continue;
    for (const chain of chains.in(name)) told.add(chain.key);
  }
  return [...told].filter((id) => !business.orders.has(id));
}

function unpublishedKeys(service: ServiceName, kernel: KernelRows, { chains }: FirstLook): string[] {
  const own = Object.values(topics).filter(({ writer }) => writer === service);
  const keys = new Set<string>();
  for (const { name } of own) {
    const ordinal = kernel.ordinals.get(name as TopicName) ?? -1;
    for (const { key, newest } of chains.in(name)) {
      if (newest > (kernel.inbox.get(key)?.published[ordinal] ?? 0)) keys.add(key);
    }
  }
  return [...keys];
}

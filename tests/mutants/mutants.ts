// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code as it is written

/** One place of the compiled code, and what stands there instead. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs there once. */
  readonly find: string;
  readonly replace: string;
}

/** A bug, to be switched on in a copy of the code: the simulator has to notice. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The simulator notices it within its first schedules. Else nobody does yet: a gap in the simulator's faults or verdicts. */
  readonly isNoticed: boolean;
}

const kernel = (file: string, find: string, replace: string): Edit => ({
  file: `packages/messaging/dist/${file}.js`,
  find,
  replace,
});
const service = (name: string, file: string, find: string, replace: string): Edit => ({
  file: `services/${name}/dist/${file}.js`,
  find,
  replace,
});

/** Each is a mistake that somebody has made somewhere. */
export const mutants: readonly Mutant[] = [
  {
    name: 'offsets are committed before the transaction',
    isNoticed: false,
    edits: [
      kernel('positions', 'undone: count };', 'undone: 0 };'),
      kernel('positions', 'if (count === 0)', 'if (count >= 0)'),
    ],
  },
  {
    name: 'no inbox: what comes again is taken in again',
    isNoticed: true,
    edits: [
      kernel('batch', 'sequence !== undefined && sequence <= entryOf(', 'false && sequence <= entryOf('),
      kernel('batch', "if (cleanup === 'compact' ||", "if (sequence > 0 || cleanup === 'compact' ||"),
    ],
  },
  {
    name: 'the relay marks what it has not published yet',
    isNoticed: true,
    edits: [
      kernel(
        'relay',
        'await publisher.publish(records, signal);',
        'current.acknowledge(rows); await publisher.publish(records, signal);',
      ),
    ],
  },
  {
    name: 'the relay reads what is above the last position that it saw',
    isNoticed: false,
    edits: [kernel('outbox-window', 'gaps.set(gap, undefined);', 'void gap;')],
  },
  {
    name: 'a producer that nobody can fence',
    isNoticed: false,
    edits: [
      kernel(
        'publisher',
        'id: `${service}.outbox`',
        'id: `${service}.outbox.${globalThis.mutantsProducer = (globalThis.mutantsProducer ?? 0) + 1}`',
      ),
    ],
  },
  {
    name: 'the sequence drawn for an event is not saved',
    isNoticed: true,
    edits: [
      kernel(
        'inbox',
        'row.published[ordinal - 1] = sequence;\n            touch();',
        'row.published[ordinal - 1] = sequence;',
      ),
    ],
  },
  {
    name: 'parking is ignored: later messages of the key go on',
    isNoticed: false,
    edits: [kernel('reaction', 'if (entry.isParked(ordinal)) {', 'if (false) {')],
  },
  {
    name: 'a parked message has no dead letter',
    isNoticed: false,
    edits: [
      kernel(
        'reaction',
        'if (error !== undefined)\n                addDeadLetter',
        'if (false)\n                addDeadLetter',
      ),
    ],
  },
  {
    name: 'a redrive lets the key go before all that waited is taken in',
    isNoticed: false,
    edits: [kernel('drain', 'if (drained)\n                unpark', 'if (true)\n                unpark')],
  },
  {
    name: 'a redrive goes on behind one that fails',
    isNoticed: false,
    edits: [
      kernel(
        'queue',
        "if (judgement.outcome === 'poison')\n            return { taken, verdicts, failed: { row, error: judgement.error }, isWhole: false };",
        "if (judgement.outcome === 'poison')\n            continue;",
      ),
    ],
  },
  {
    name: 'an effect whose outcome comes twice counts twice',
    isNoticed: false,
    edits: [kernel('reaction', 'if (!batch.closed.delete(effectKey(item.effect)))', 'if (false)')],
  },
  {
    name: 'nobody takes over the effects of an instance that died',
    isNoticed: false,
    edits: [kernel('effects', 'add(adopted);', 'void adopted;')],
  },
  {
    name: 'what lingers is passed by what does not, of the same key',
    isNoticed: false,
    edits: [
      kernel(
        'reaction-queue',
        'urgent.get(item.key) ?? lingering.get(item.key) ??',
        '(isUrgent ? urgent : lingering).get(item.key) ??',
      ),
      kernel('reaction-queue', 'lingering.delete(item.key);', 'void 0;'),
    ],
  },
  {
    name: 'a charge has no idempotency key',
    isNoticed: true,
    edits: [
      service(
        'payment',
        'effects',
        'run: ({ id, data }, signal) => provider.charge(id, data, signal)',
        'run: ({ id, data, attempt }, signal) => provider.charge(`${id}/${attempt % 2}`, data, signal)',
      ),
    ],
  },
  {
    name: 'a refund has no idempotency key',
    isNoticed: false,
    edits: [
      service(
        'payment',
        'effects',
        'run: ({ id, data }, signal) => provider.refund(id, data, signal)',
        'run: ({ id, data, attempt }, signal) => provider.refund(`${id}/${attempt % 2}`, data, signal)',
      ),
    ],
  },
  {
    name: 'a cancel while the charge is in flight is forgotten',
    isNoticed: true,
    edits: [
      service(
        'payment',
        'payment',
        "return { outcome: 'remember', change: { ...payment, state: 'cancelling' } };",
        "return { outcome: 'ignore', reason: 'a bug' };",
      ),
    ],
  },
  {
    name: 'payment leaves no tombstone',
    isNoticed: true,
    edits: [
      service(
        'payment',
        'payment',
        "return { outcome: 'remember', change: { orderId, state: 'cancelled' } };",
        "return { outcome: 'ignore', reason: 'a bug' };",
      ),
    ],
  },
  {
    name: 'inventory leaves no tombstone',
    isNoticed: false,
    edits: [
      service(
        'inventory',
        'reservation',
        "return { outcome: 'remember', change: { reservation: { ...reservation, state: 'cancelled' }, stock: [] } };",
        "return { outcome: 'ignore', reason: 'a bug' };",
      ),
    ],
  },
  {
    name: 'shipping leaves no tombstone',
    isNoticed: true,
    edits: [
      service(
        'shipping',
        'shipment',
        "return { outcome: 'remember', change: { shipment: { orderId, state: 'cancelled' } } };",
        "return { outcome: 'ignore', reason: 'a bug' };",
      ),
    ],
  },
  {
    name: 'an order sees the stock as it was before the one beside it',
    isNoticed: true,
    edits: [service('inventory', 'world', 'world.stock.set(row.sku, row);', 'void row;')],
  },
  {
    name: 'a mail is sent again when its sender has crashed',
    isNoticed: true,
    edits: [service('email', 'effects', 'repeatable: mailer.isRepeatable,', 'repeatable: true,')],
  },
];

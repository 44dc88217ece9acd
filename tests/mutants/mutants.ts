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
  /** Why no schedule can show it. */
  readonly unnoticeable?: string;
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
    edits: [
      kernel('positions', 'undone: count };', 'undone: 0 };'),
      kernel('positions', 'if (count === 0)', 'if (count >= 0)'),
    ],
  },
  {
    name: 'no inbox: what comes again is taken in again',
    edits: [
      kernel('batch', 'sequence !== undefined && sequence <= entryOf(', 'false && sequence <= entryOf('),
      kernel('batch', "if (cleanup === 'compact' ||", "if (sequence > 0 || cleanup === 'compact' ||"),
    ],
  },
  {
    name: 'the relay marks what it has not published yet',
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
    edits: [kernel('outbox-window', 'gaps.set(gap, undefined);', 'void gap;')],
  },
  {
    name: 'a producer that nobody can fence',
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
    edits: [kernel('reaction', 'if (entry.isParked(ordinal)) {', 'if (false) {')],
  },
  {
    name: 'a parked message has no dead letter',
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
    edits: [kernel('drain', 'if (drained)\n                unpark', 'if (true)\n                unpark')],
  },
  {
    name: 'a redrive goes on behind one that fails',
    edits: [
      kernel(
        'queue',
        "if (judgement.outcome === 'poison')\n            return { taken, verdicts, failed: { row, error: judgement.error }, isWhole: false };",
        "if (judgement.outcome === 'poison')\n            continue;",
      ),
    ],
  },
  {
    // Our services' own tables would ignore a second outcome: here one of them rests on the kernel's word.
    name: 'an effect whose outcome comes twice counts twice',
    edits: [
      kernel('reaction', 'if (!batch.closed.delete(effectKey(item.effect)))', 'if (false)'),
      service(
        'payment',
        'payment',
        'OrderCancelled: (payment) => askToRefund(payment),\n        chargeAnswered: alreadySettled,',
        'OrderCancelled: (payment) => askToRefund(payment),\n        chargeAnswered: complete,',
      ),
    ],
  },
  {
    name: 'nobody takes over the effects of an instance that died',
    edits: [kernel('effects', 'await adoptEffects(database, instance, limit)', '[]')],
  },
  {
    name: 'an effect whose COMMIT was not answered is never begun',
    edits: [kernel('effects', 'add(await forgottenEffects(database, instance, limit))', 'void 0')],
  },
  {
    name: 'what lingers is passed by what does not, of the same key',
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
    // The provider gives no more back than was charged: who asks twice waits for ever.
    name: 'a refund is asked for twice: it has no idempotency key',
    edits: [
      service(
        'payment',
        'effects',
        'run: ({ id, data }, signal) => provider.refund(id, data, signal)',
        'run: ({ id, data, attempt }, signal) => provider.refund(`${id}/${attempt}`, data, signal)',
      ),
    ],
  },
  {
    name: 'a cancel while the charge is in flight is forgotten',
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
    unnoticeable:
      'OrderCreated and OrderCancelled share topic and key, so that no cancellation overtakes its order here: the tombstone is for whoever moves one of them to a topic of its own',
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
    edits: [service('inventory', 'world', 'world.stock.set(row.sku, row);', 'void row;')],
  },
  {
    // The model of the statement stands for its SQL: without FOR NO KEY UPDATE.
    name: 'oversold: the stock is read without a lock',
    edits: [
      {
        file: 'tests/dist/simulation/database/inventory-statements.js',
        find: 'tx.lock(stock, sku) ?? []',
        replace: 'tx.get(stock, sku) ?? []',
      },
    ],
  },
  {
    // SELECT … FOR UPDATE alone: a row that doesn't exist locks nothing, and its writes go nowhere but to its own transaction.
    name: 'a key that was never seen is locked by nobody',
    edits: [
      {
        file: 'tests/dist/simulation/database/kernel-statements.js',
        find: 'if (tx.insert(inbox, key, row) === undefined)\n                rows.push(copied(row));',
        replace: 'rows.push(copied(row));',
      },
      {
        file: 'tests/dist/simulation/database/kernel-statements.js',
        find: 'if (tx.lock(inbox, key) === undefined)\n                return;',
        replace: '',
      },
    ],
  },
  {
    name: 'a send that fails in the middle of a batch is taken for done',
    edits: [kernel('publisher', 'if (signal.aborted)\n                        throw error;', 'return;')],
  },
  {
    name: 'a booking is not called off',
    edits: [service('shipping', 'effects', 'await carrier.callOff(trackingNumber, signal);', 'void signal;')],
  },
  {
    name: 'an Idempotency-Key that was used makes another order',
    edits: [service('order', 'saga', 'if (claim?.fresh && claim.orderId === input.key)', 'if (true)')],
  },
  {
    name: 'a mail is sent again when its sender has crashed',
    edits: [service('email', 'effects', 'repeatable: mailer.isRepeatable,', 'repeatable: true,')],
  },
];

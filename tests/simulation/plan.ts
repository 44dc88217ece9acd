import fc from 'fast-check';
import { type Moment, moments } from './watch.ts';

/** All that a schedule depends on. Small numbers are the plain case, so that a failing plan shrinks towards it. */
export interface Plan {
  /** Of the interleaving. */
  readonly seed: number;
  /** How uneven messages travel: see `slowness`. */
  readonly slowness: number;
  readonly relayMode: 'idempotent' | 'transactional';
  /** Services that have two instances: a bit each, in the order of `serviceNames`. */
  readonly twins: number;
  /** How long an order may be pending, ms. */
  readonly deadlineMs: number;
  /** Units there are of the SKU that is fought over. */
  readonly scarce: number;
  /** One call in so many to provider, carrier and mail server fails; 0: none. */
  readonly outsideFailsOneIn: number;
  readonly orders: readonly PlannedOrder[];
  readonly faults: readonly Fault[];
}

export interface PlannedOrder {
  /** Virtual ms. */
  readonly at: number;
  readonly sku: 'SKU-0001' | 'SKU-0002' | 'SKU-0999';
  readonly quantity: number;
  readonly paymentMethod: string;
  readonly postalCode: string;
  /** ms after the customer has got its answer; undefined: never. */
  readonly cancelAfter: number | undefined;
  /** How often it is asked for again under the same key, whatever the answer. */
  readonly repeats: number;
}

export const faultKinds = [
  'crash',
  'pause',
  'restart',
  'database cut',
  'database away',
  'slow commits',
  'kafka away',
  'kafka fails',
  'registry away',
  'rebalance',
  'redelivery',
  'duplicate',
  'clock jump',
  'poison beside',
  'poison amid',
  'refused statement',
  'redrive',
  'discard',
] as const;

export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  /** So many steps after the beginning. */
  readonly step: number;
  /** It strikes whoever comes to this first from that step on, between this and what follows. Undefined: at the step itself. */
  readonly moment: Moment | undefined;
  /** Index of the service, where no moment says whose it is. */
  readonly service: number;
  /** How long it lasts, or how far it goes, ms. */
  readonly ms: number;
}

/** One message in so many takes up to so many ms. */
export const slowness = [
  { slowOneIn: 0, slowMs: 0 },
  { slowOneIn: 20, slowMs: 50 },
  { slowOneIn: 12, slowMs: 600 },
] as const;

const order: fc.Arbitrary<PlannedOrder> = fc.record({
  at: fc.oneof(fc.constant(0), fc.nat(60)),
  sku: fc.constantFrom('SKU-0001', 'SKU-0999', 'SKU-0001', 'SKU-0999', 'SKU-0002'),
  quantity: fc.integer({ min: 1, max: 2 }),
  paymentMethod: fc.constantFrom(
    'tok_visa',
    'tok_visa',
    'tok_visa',
    'tok_chargeDeclined',
    'tok_slow',
    'tok_timeout',
    'tok_processingError',
  ),
  postalCode: fc.constantFrom('10115', '10115', '10115', '10115', '00000'),
  cancelAfter: fc.option(fc.nat(400), { nil: undefined, freq: 2 }),
  repeats: fc.constantFrom(0, 0, 0, 1),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom(...faultKinds),
  step: fc.nat(500),
  moment: fc.option(fc.constantFrom(...moments), { nil: undefined, freq: 1 }),
  service: fc.nat(4),
  ms: fc.constantFrom(20, 300, 300, 2_000, 2_000, 7_000),
});

const anyFaults = fc.array(fault, { maxLength: 3 });

/** As drawn by chance: most schedules are small, so that there may be many of them. */
const byChance = {
  seed: fc.nat(),
  slowness: fc.nat(2),
  relayMode: fc.constantFrom('idempotent', 'idempotent', 'idempotent', 'transactional'),
  twins: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constant(31) },
    { weight: 1, arbitrary: fc.nat(31) },
  ),
  deadlineMs: fc.constantFrom(60_000, 60_000, 60_000, 600),
  scarce: fc.nat(3),
  outsideFailsOneIn: fc.constantFrom(0, 0, 3),
  orders: fc.oneof(
    { weight: 5, arbitrary: fc.array(order, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(order, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(order, { minLength: 3, maxLength: 4 }) },
  ),
  faults: anyFaults,
} as const;

/** Aims at a race that chance seldom meets: one fault of its kind, at its moment; what else is drawn may be narrowed. */
function aimed(
  kind: Fault['kind'],
  moment: Fault['moment'],
  ms: readonly number[],
  rest: Partial<typeof byChance | Readonly<Record<keyof Plan, fc.Arbitrary<never>>>> = {},
): fc.Arbitrary<Plan> {
  const aim = fc.record({
    kind: fc.constant(kind),
    step: fc.integer(moment === undefined ? { min: 50, max: 250 } : { min: 100, max: 600 }),
    moment: fc.constant(moment),
    service: fc.nat(4),
    ms: fc.constantFrom(...ms),
  });
  const faults = fc
    .tuple(fc.array(aim, { minLength: 1, maxLength: 2 }), fc.array(fault, { maxLength: 1 }))
    .map(([aims, others]) => [...aims, ...others]);
  return fc.record({ ...byChance, ...rest, faults }) as fc.Arbitrary<Plan>;
}

const everywhereTwo = fc.constant(31);
/** Several orders for the same, at once. */
const together = fc
  .tuple(order, fc.array(order, { minLength: 1, maxLength: 3 }))
  .map(([first, others]) => [first, ...others].map((one) => ({ ...one, at: 0, sku: first.sku })));

const aims: readonly fc.Arbitrary<Plan>[] = [
  // What was in hand is lost if the offset has passed it.
  aimed('crash', 'offsets committed', [300]),
  // A COMMIT whose answer nobody hears: all is done again, and has to be known.
  aimed('database cut', 'transaction committed', [20]),
  aimed('database cut', 'effect committed', [20]),
  aimed('crash', 'transaction committed', [300]),
  // Kafka has it, and nobody has marked it.
  aimed('crash', 'records taken', [300]),
  // Positions become visible out of order, or never.
  aimed('slow commits', undefined, [2_000], { twins: everywhereTwo, orders: together }),
  aimed('database away', 'position drawn', [300]),
  // A zombie: what it was about to send goes out when another one has sent the same, and more.
  aimed('pause', 'about to send', [7_000], { twins: everywhereTwo }),
  // It was done, by one who dies, or is taken for dead until it has the answer.
  aimed('crash', 'call done', [300]),
  aimed('pause', 'call done', [14_000], { twins: everywhereTwo }),
  // Bytes that nobody can read amid what the others of the key wait for.
  aimed('poison amid', 'records taken', [300]),
];

/** Every second plan aims. */
export const plans: fc.Arbitrary<Plan> = fc.oneof(
  { weight: aims.length, arbitrary: fc.record(byChance) },
  ...aims.map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** The plan of a seed: always the same. */
export function planOf(seed: number): Plan {
  const [plan] = fc.sample(plans, { seed, numRuns: 1 });
  if (plan === undefined) throw new Error('there is no plan');
  return plan;
}

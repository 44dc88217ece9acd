import type { Input, Queryable, Statement } from '@skald/messaging';
import type { Address } from './carrier.ts';
import { isOurs, nonsenseIn } from './inputs.ts';
import type { Shipment, StoredShipment } from './shipment-state.ts';
import { createWorld, type World } from './world.ts';

// All rows belong to one order each, and the kernel holds its key: nothing here needs a lock of its own.

const selectShipments: Statement = {
  name: 'shipping_select_shipments',
  text: `SELECT order_id, state, shipment_id, carrier, tracking_number, promised_date::text, service_level, refusal
         FROM shipments WHERE order_id = ANY($1::uuid[])`,
};

const selectContacts: Statement = {
  name: 'shipping_select_contacts',
  text: `SELECT order_id, name, street, postal_code, city, country
         FROM contacts WHERE order_id = ANY($1::uuid[])`,
};

const selectAddressed: Statement = {
  name: 'shipping_select_addressed',
  text: 'SELECT order_id FROM contacts WHERE order_id = ANY($1::uuid[])',
};

const saveShipments: Statement = {
  name: 'shipping_save_shipments',
  text: `INSERT INTO shipments
           (order_id, state, shipment_id, carrier, tracking_number, promised_date, service_level, refusal)
         SELECT * FROM unnest(
           $1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[])
         ON CONFLICT (order_id) DO UPDATE
         SET state = excluded.state, shipment_id = excluded.shipment_id, carrier = excluded.carrier,
             tracking_number = excluded.tracking_number, promised_date = excluded.promised_date,
             service_level = excluded.service_level, refusal = excluded.refusal`,
};

const saveContacts: Statement = {
  name: 'shipping_save_contacts',
  text: `INSERT INTO contacts (order_id, name, street, postal_code, city, country)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         ON CONFLICT (order_id) DO UPDATE
         SET name = excluded.name, street = excluded.street, postal_code = excluded.postal_code,
             city = excluded.city, country = excluded.country`,
};

interface ShipmentRow {
  readonly order_id: string;
  readonly state: StoredShipment['state'];
  readonly shipment_id: string | null;
  readonly carrier: string | null;
  readonly tracking_number: string | null;
  readonly promised_date: string | null;
  readonly service_level: string | null;
  readonly refusal: string | null;
}

interface ContactRow {
  readonly order_id: string;
  readonly name: string;
  readonly street: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
}

/** The table's constraint holds each state to what its type here says. */
function shipmentIn(row: ShipmentRow): StoredShipment {
  const { order_id: orderId, state, shipment_id: shipmentId, carrier, refusal } = row;
  const booking = carrier !== null && {
    carrier,
    trackingNumber: row.tracking_number,
    promisedDate: row.promised_date,
    serviceLevel: row.service_level,
  };
  return {
    orderId,
    state,
    ...(shipmentId !== null && { shipmentId }),
    ...(booking && { booking }),
    ...(refusal !== null && { refusal }),
  } as StoredShipment;
}

/** Orders asked about, and those among them whose address makes a difference: it is the payment that waits for it. */
function namedBy(inputs: readonly Input[]) {
  const orderIds = new Set<string>();
  const paid = new Set<string>();
  for (const input of inputs) {
    if (!isOurs(input) || nonsenseIn(input) !== undefined) continue;
    orderIds.add(input.key);
    if (input.name === 'PaymentCompleted') paid.add(input.key);
  }
  return { orderIds, paid };
}

export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const { orderIds, paid } = namedBy(inputs);
  const [shipments, addressed] = await Promise.all([
    orderIds.size === 0 ? [] : db.query<ShipmentRow>(selectShipments, [[...orderIds]]),
    paid.size === 0 ? [] : db.query<{ order_id: string }>(selectAddressed, [[...paid]]),
  ]);
  // An order's row in shipments, where there is one, knows more than its address: it comes last.
  return createWorld([
    ...addressed.map((row): Shipment => ({ orderId: row.order_id, state: 'addressed' })),
    ...shipments.map(shipmentIn),
  ]);
}

/** Writes what changed, and nothing else. */
export async function save(db: Queryable, { shipments, unsaved }: World): Promise<void> {
  const statements: Promise<unknown>[] = [];
  const { addresses } = unsaved;
  if (addresses.size > 0) statements.push(db.query(saveContacts, contactColumns(addresses)));
  if (unsaved.shipments.size > 0) {
    statements.push(db.query(saveShipments, shipmentColumns(pick(shipments, unsaved.shipments))));
  }
  await Promise.all(statements);
}

function contactColumns(addresses: ReadonlyMap<string, Address>) {
  const all = [...addresses.values()];
  return [
    [...addresses.keys()],
    all.map(({ name }) => name),
    all.map(({ street }) => street),
    all.map(({ postalCode }) => postalCode),
    all.map(({ city }) => city),
    all.map(({ country }) => country),
  ];
}

function shipmentColumns(shipments: readonly Shipment[]) {
  const bookings = shipments.map((shipment) => ('booking' in shipment ? shipment.booking : null));
  return [
    shipments.map(({ orderId }) => orderId),
    shipments.map(({ state }) => state),
    shipments.map((shipment) => ('shipmentId' in shipment ? shipment.shipmentId : null)),
    bookings.map((booking) => booking?.carrier ?? null),
    bookings.map((booking) => booking?.trackingNumber ?? null),
    bookings.map((booking) => booking?.promisedDate ?? null),
    bookings.map((booking) => booking?.serviceLevel ?? null),
    shipments.map((shipment) => ('refusal' in shipment ? shipment.refusal : null)),
  ];
}

const pick = <Value>(all: ReadonlyMap<string, Value>, keys: Iterable<string>): Value[] =>
  Array.from(keys, (key) => all.get(key)).filter((value) => value !== undefined);

/** One order's shipment, or undefined when shipping has not heard of its payment or its end. */
export async function findShipment(db: Queryable, orderId: string): Promise<StoredShipment | undefined> {
  const [row] = await db.query<ShipmentRow>(selectShipments, [[orderId]]);
  return row && shipmentIn(row);
}

/** Where these orders go, by order id; those whose address is unknown or erased are left out. */
export async function findAddresses(
  db: Queryable,
  orderIds: readonly string[],
): Promise<Map<string, Address>> {
  const rows = await db.query<ContactRow>(selectContacts, [orderIds]);
  return new Map(
    rows.map(({ order_id, name, street, postal_code, city, country }) => [
      order_id,
      { name, street, postalCode: postal_code, city, country },
    ]),
  );
}

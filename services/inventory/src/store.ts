import type { Input, Queryable, Statement } from '@skald/messaging';
import { type Command, isOurs, nonsenseIn } from './inputs.ts';
import type { Line, Reservation, ReservationState } from './reservation.ts';
import type { Stock } from './stock.ts';
import { createWorld, type World } from './world.ts';

// The rows of one order are locked by its key, which the kernel holds. Stock rows are shared between orders: they are
// locked here, after the orders' keys and in SKU order, so that two instances never wait for each other in a circle.

const selectReservations: Statement = {
  name: 'inventory_select_reservations',
  text: 'SELECT order_id, state, lines FROM reservations WHERE order_id = ANY($1::uuid[])',
};

const lockStock: Statement = {
  name: 'inventory_lock_stock',
  text: `SELECT sku, on_hand, reserved, shipped, received FROM stock
         WHERE sku = ANY($1::text[] || ARRAY(
           SELECT line ->> 'sku' FROM reservations r, jsonb_array_elements(r.lines) AS line
           WHERE r.order_id = ANY($2::uuid[]) AND r.state = 'reserved'))
         ORDER BY sku FOR NO KEY UPDATE`,
};

const catalogueExists: Statement = {
  name: 'inventory_catalogue_exists',
  text: 'SELECT EXISTS (SELECT FROM products) AS listed',
};

const saveReservations: Statement = {
  name: 'inventory_save_reservations',
  text: `INSERT INTO reservations (order_id, state, lines)
         SELECT * FROM ROWS FROM (unnest($1::uuid[], $2::text[]), jsonb_array_elements($3::jsonb))
         ON CONFLICT (order_id) DO UPDATE SET state = excluded.state`,
};

const saveStock: Statement = {
  name: 'inventory_save_stock',
  text: `INSERT INTO stock (sku, on_hand, reserved, shipped, received)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
         ON CONFLICT (sku) DO UPDATE
         SET on_hand = excluded.on_hand, reserved = excluded.reserved, shipped = excluded.shipped,
             received = excluded.received, version = stock.version + 1`,
};

const insertProducts: Statement = {
  name: 'inventory_insert_products',
  text: `INSERT INTO products (sku, name, unit_price, currency, version)
         SELECT sku, name, unit_price, currency, 1
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS listed (sku, name, unit_price, currency)`,
};

interface StockRow {
  readonly sku: string;
  readonly on_hand: number;
  readonly reserved: number;
  readonly shipped: number;
  readonly received: number;
}

interface ReservationRow {
  readonly order_id: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
}

const reservationOf = ({ order_id, state, lines }: ReservationRow): Reservation => ({
  orderId: order_id,
  state,
  lines,
});

const stockOf = (row: StockRow): Stock => ({
  sku: row.sku,
  onHand: row.on_hand,
  reserved: row.reserved,
  shipped: row.shipped,
  received: row.received,
});

/** What the inputs name: whose reservations, which SKUs, and whether the catalogue is asked about. */
function namedBy(inputs: readonly Input[]) {
  const orderIds = new Set<string>();
  const skus = new Set<string>();
  let catalogue = false;
  for (const input of inputs) {
    if (isOurs(input)) {
      if (nonsenseIn(input) !== undefined) continue;
      orderIds.add(input.key);
      if (input.name === 'OrderCreated') for (const { sku } of input.data.lines) skus.add(sku);
    } else if (input.kind === 'command') {
      const command = input as Command;
      if (command.name === 'CountStock') skus.add(command.data.sku);
      else catalogue = true;
    }
  }
  return { orderIds, skus, catalogue };
}

/** Reservations, and the stock of what was ordered and of what is reserved, which a shipment or a release moves. */
export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const { orderIds, skus, catalogue } = namedBy(inputs);
  const ids = [...orderIds];
  const [reservations, stock, [exists]] = await Promise.all([
    ids.length === 0 ? [] : db.query<ReservationRow>(selectReservations, [ids]),
    ids.length + skus.size === 0 ? [] : db.query<StockRow>(lockStock, [[...skus], ids]),
    catalogue ? db.query<{ listed: boolean }>(catalogueExists) : [],
  ]);
  return createWorld(reservations.map(reservationOf), stock.map(stockOf), exists?.listed ?? true);
}

/** Writes what changed, and nothing else. */
export async function save(db: Queryable, { reservations, stock, unsaved }: World): Promise<void> {
  const statements: Promise<unknown>[] = [];
  if (unsaved.reservations.size > 0) {
    const changed = pick(reservations, unsaved.reservations);
    const lines = JSON.stringify(changed.map((reservation) => reservation.lines));
    const states = changed.map(({ state }) => state);
    statements.push(db.query(saveReservations, [[...unsaved.reservations], states, lines]));
  }
  if (unsaved.products.length > 0) {
    const listed = unsaved.products;
    statements.push(
      db.query(insertProducts, [
        listed.map(({ sku }) => sku),
        listed.map(({ name }) => name),
        listed.map(({ unitPrice }) => unitPrice),
        listed.map(({ currency }) => currency),
      ]),
    );
  }
  if (unsaved.stock.size > 0) {
    const moved = pick(stock, unsaved.stock);
    statements.push(
      db.query(saveStock, [
        moved.map(({ sku }) => sku),
        moved.map(({ onHand }) => onHand),
        moved.map(({ reserved }) => reserved),
        moved.map(({ shipped }) => shipped),
        moved.map(({ received }) => received),
      ]),
    );
  }
  await Promise.all(statements);
}

const pick = <Value>(all: ReadonlyMap<string, Value>, keys: Iterable<string>): Value[] =>
  Array.from(keys, (key) => all.get(key)).filter((value) => value !== undefined);

const selectStock: Statement = {
  name: 'inventory_select_stock',
  text: 'SELECT sku, on_hand, reserved, shipped, received FROM stock WHERE sku = $1',
};

const selectStockAfter: Statement = {
  name: 'inventory_select_stock_after',
  text: 'SELECT sku, on_hand, reserved, shipped, received FROM stock WHERE sku > $1 ORDER BY sku LIMIT $2',
};

/** One SKU's stock, or undefined. */
export async function findStock(db: Queryable, sku: string): Promise<Stock | undefined> {
  const [row] = await db.query<StockRow>(selectStock, [sku]);
  return row && stockOf(row);
}

/** Up to `limit` SKUs' stock that follow `after`, by SKU. */
export async function listStock(db: Queryable, after: string, limit: number): Promise<Stock[]> {
  return (await db.query<StockRow>(selectStockAfter, [after, limit])).map(stockOf);
}

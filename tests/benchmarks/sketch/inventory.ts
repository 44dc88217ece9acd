import type { FastifyInstance } from 'fastify';
import type { StockLevel } from '../contender.ts';
import { addStockRoute, createStockSchema, type Order, stockOfSku } from '../shop.ts';
import { array, type Database, type Statement, saveRows } from './database.ts';
import type { NewSketchEvent, SketchEvent } from './events.ts';
import { runSketchService } from './service.ts';

const schema = `
  ${createStockSchema('WITH (fillfactor = 20)')}
  CREATE TABLE IF NOT EXISTS reservations (order_id uuid PRIMARY KEY, status text NOT NULL, items text NOT NULL)
    WITH (fillfactor = 50);
`;

const findStock: Statement = {
  name: 'stock-find',
  text: 'SELECT sku, on_hand AS "onHand" FROM stock WHERE sku = ANY ($1::text[])',
};
const findReservations: Statement = {
  name: 'reservations-find',
  text: 'SELECT order_id AS "orderId", status, items FROM reservations WHERE order_id = ANY ($1::uuid[])',
};
const moveStock: Statement = {
  name: 'stock-move',
  text: `UPDATE stock SET on_hand = stock.on_hand + m.on_hand, reserved = stock.reserved + m.reserved,
           shipped = stock.shipped + m.shipped
         FROM unnest($1::text[], $2::int[], $3::int[], $4::int[]) AS m (sku, on_hand, reserved, shipped)
         WHERE stock.sku = m.sku`,
};
const insert: Statement = {
  name: 'reservations-insert',
  text: `INSERT INTO reservations SELECT order_id, 'RESERVED', items FROM unnest($1::uuid[], $2::text[]) AS r (order_id, items)`,
};
const update: Statement = {
  name: 'reservations-update',
  text: `UPDATE reservations SET status = u.status FROM unnest($1::uuid[], $2::text[]) AS u (order_id, status)
         WHERE reservations.order_id = u.order_id`,
};
const show: Statement = { name: 'stock-show', text: stockOfSku };

type Lines = readonly Pick<Order['items'][number], 'sku' | 'quantity'>[];

interface Reservation {
  readonly orderId: string;
  status: string;
  readonly items: string;
}

/** What a turn takes from and adds to an SKU's stock. */
interface Move {
  onHand: number;
  reserved: number;
  shipped: number;
}

interface World {
  readonly onHand: Map<string, number>;
  readonly moves: Map<string, Move>;
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly inserted: Reservation[];
  readonly updated: Reservation[];
}

function move(world: World, lines: Lines, from: keyof Move, to: keyof Move): void {
  for (const { sku, quantity } of lines) {
    const moved = world.moves.get(sku) ?? { onHand: 0, reserved: 0, shipped: 0 };
    moved[from] -= quantity;
    moved[to] += quantity;
    world.moves.set(sku, moved);
  }
}

const reserve = (
  world: World,
  { orderId, items, ...order }: Extract<SketchEvent, { type: 'OrderCreated' }>,
): NewSketchEvent => {
  move(world, items, 'onHand', 'reserved');
  const left = (sku: string): number => (world.onHand.get(sku) ?? 0) + (world.moves.get(sku)?.onHand ?? 0);
  if (items.some(({ sku }) => left(sku) < 0)) {
    move(world, items, 'reserved', 'onHand');
    return { type: 'StockReservationFailed', orderId };
  }
  const lines: Lines = items.map(({ sku, quantity }) => ({ sku, quantity }));
  world.inserted.push({ orderId, status: 'RESERVED', items: JSON.stringify(lines) });
  const { total, paymentMethod, shippingAddress } = order;
  return { type: 'StockReserved', orderId, total, paymentMethod, shippingAddress };
};

function finish(
  world: World,
  orderId: string,
  status: 'SHIPPED' | 'RELEASED',
  type: 'StockShipped' | 'StockReleased',
): NewSketchEvent | undefined {
  const reservation = world.reservations.get(orderId);
  if (reservation?.status !== 'RESERVED') return undefined;
  reservation.status = status;
  world.updated.push(reservation);
  const lines = JSON.parse(reservation.items) as Lines;
  move(world, lines, 'reserved', status === 'SHIPPED' ? 'shipped' : 'onHand');
  return { type, orderId };
}

async function routes(app: FastifyInstance, db: Database): Promise<void> {
  addStockRoute(app, async (sku) => (await db.query<StockLevel>(show, [sku]))[0]);
}

await runSketchService<World>({
  name: 'inventory',
  schema,
  routes,
  consumes: ['order'],
  reads: ['OrderCreated', 'OrderConfirmed', 'OrderCancelled'],
  load: async (db, events) => {
    const skus = events.flatMap((event) =>
      event.type === 'OrderCreated' ? event.items.map(({ sku }) => sku) : [],
    );
    const ended = events.flatMap(({ type, orderId }) => (type === 'OrderCreated' ? [] : [orderId]));
    const [stock, reservations] = await Promise.all([
      skus.length === 0 ? [] : db.query<{ sku: string; onHand: number }>(findStock, [array(new Set(skus))]),
      ended.length === 0 ? [] : db.query<Reservation>(findReservations, [array(ended)]),
    ]);
    return {
      onHand: new Map(stock.map(({ sku, onHand }) => [sku, onHand])),
      moves: new Map(),
      reservations: new Map(reservations.map((reservation) => [reservation.orderId, reservation])),
      inserted: [],
      updated: [],
    };
  },
  decide: (world, event) => {
    if (event.type === 'OrderCreated') return reserve(world, event);
    if (event.type === 'OrderConfirmed') return finish(world, event.orderId, 'SHIPPED', 'StockShipped');
    return finish(world, event.orderId, 'RELEASED', 'StockReleased');
  },
  save: (db, { inserted, updated, moves }) => [
    ...saveRows(
      db,
      insert,
      inserted.map(({ orderId, items }) => [orderId, items]),
    ),
    ...saveRows(
      db,
      update,
      updated.map(({ orderId, status }) => [orderId, status]),
    ),
    ...saveRows(
      db,
      moveStock,
      Array.from(moves, ([sku, { onHand, reserved, shipped }]) => [sku, onHand, reserved, shipped]),
    ),
  ],
});

import type { Input, Queryable, Statement } from '@skald/messaging';
import { isOurs, nonsenseIn } from './inputs.ts';
import type { View } from './view.ts';
import { changedIn, createWorld, type World } from './world.ts';

// Every row belongs to one order, whose key the kernel holds locked: nothing more is locked here.

const selectViews: Statement = {
  name: 'order_view_select_views',
  text: 'SELECT view FROM order_views WHERE order_id = ANY ($1::uuid[])',
};

const upsertViews: Statement = {
  name: 'order_view_upsert_views',
  text: `INSERT INTO order_views (order_id, view) SELECT * FROM unnest($1::uuid[], $2::json[])
         ON CONFLICT (order_id) DO UPDATE SET view = excluded.view`,
};

export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const orderIds = new Set<string>();
  for (const input of inputs) if (isOurs(input) && nonsenseIn(input) === undefined) orderIds.add(input.key);
  if (orderIds.size === 0) return createWorld();
  const rows = await db.query<{ view: View }>(selectViews, [[...orderIds]]);
  return createWorld(rows.map(({ view }) => view));
}

export async function save(db: Queryable, world: World): Promise<void> {
  const changed = changedIn(world);
  if (changed.length === 0) return;
  await db.query(upsertViews, [
    changed.map(({ orderId }) => orderId),
    changed.map((view) => JSON.stringify(view)),
  ]);
}

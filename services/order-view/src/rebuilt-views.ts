import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, type Database, TransientError } from '@skald/messaging';
import type { View } from './view.ts';

/** `order_views` once more, beside the live one: what a rebuild folds the log into. */
export interface RebuiltViews {
  /** Empty, whatever another rebuild has left behind. */
  create(): Promise<void>;
  load(orderIds: readonly string[]): Promise<readonly View[]>;
  save(views: readonly View[]): Promise<void>;
  /** The next views in the order of their ids, behind this one. */
  page(after: string | undefined, limit: number): Promise<readonly View[]>;
  /**
   * Puts them in the place of the live ones. Nobody can load or save a view meanwhile; `level` has to bring these to where the
   * log ends: then they hold whatever the live ones held. What it throws is thrown on, and nothing has changed.
   */
  takeOver(level: () => Promise<void>): Promise<void>;
  drop(): Promise<void>;
}

const schema = 'order_view_rebuild';
/** For reactions that are under way, ms. */
const LOCK_MS = 3_000;
const IDLE_MS = 15_000;
const TRIES = 10;
const BREATH_MS = 200;
const LOCK_TIMEOUT = '55P03';

export function createRebuiltViews(database: Pick<Database, 'query' | 'connect'>): RebuiltViews {
  let table = `${schema}.order_views`;
  return {
    async create() {
      await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await database.query(`CREATE SCHEMA ${schema}`);
      await database.query("SELECT create_empty_copy('order_views', $1::name)", [schema]);
    },
    async load(orderIds) {
      if (orderIds.length === 0) return [];
      const rows = await database.query<{ view: View }>(
        { name: 'rebuilt_views_load', text: `SELECT view FROM ${table} WHERE order_id = ANY ($1::uuid[])` },
        [orderIds],
      );
      return rows.map(({ view }) => view);
    },
    async save(views) {
      if (views.length === 0) return;
      await database.query(
        {
          name: 'rebuilt_views_save',
          text: `INSERT INTO ${table} (order_id, view) SELECT * FROM unnest($1::uuid[], $2::json[])
                 ON CONFLICT (order_id) DO UPDATE SET view = excluded.view`,
        },
        [views.map(({ orderId }) => orderId), views.map((view) => JSON.stringify(view))],
      );
    },
    async page(after, limit) {
      const rows = await database.query<{ view: View }>(
        `SELECT view FROM ${table} WHERE order_id > $1::uuid ORDER BY order_id LIMIT $2`,
        [after ?? '00000000-0000-0000-0000-000000000000', limit],
      );
      return rows.map(({ view }) => view);
    },
    async takeOver(level) {
      const connection = await database.connect();
      try {
        await takeOver(connection, level);
        table = 'order_views';
      } finally {
        await connection.close();
      }
    },
    async drop() {
      await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}

async function takeOver(connection: Connection, level: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.query('BEGIN');
      await connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}`);
      await connection.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      // Against those who load as well: what they would save was loaded from the table that goes.
      await connection.query('LOCK TABLE order_views IN ACCESS EXCLUSIVE MODE');
      await level();
      await connection.query('DROP TABLE order_views');
      await connection.query(`ALTER TABLE ${schema}.order_views SET SCHEMA public`);
      await connection.query('COMMIT');
      return;
    } catch (error) {
      if (connection.usable) await connection.query('ROLLBACK');
      const isTimeout = error instanceof TransientError && error.code === LOCK_TIMEOUT;
      if (!isTimeout || attempt === TRIES) throw error;
      await pause(BREATH_MS);
    }
  }
}

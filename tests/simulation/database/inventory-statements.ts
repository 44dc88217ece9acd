import { createTable, DatabaseError, type Execute, type Table } from './server.ts';

/** The rows of the inventory service, by their statements' names: services/inventory/src/store.ts. */

export interface StockRow {
  readonly sku: string;
  readonly on_hand: number;
  readonly reserved: number;
  readonly shipped: number;
  readonly received: number;
}

export interface ReservationRow {
  readonly order_id: string;
  readonly state: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface InventoryTables {
  readonly stock: Table<StockRow>;
  readonly reservations: Table<ReservationRow>;
}

export const createInventoryTables = (): InventoryTables => ({
  stock: createTable('stock'),
  reservations: createTable('reservations'),
});

export const inventoryStatements: Readonly<Record<string, Execute<InventoryTables>>> = {
  inventory_select_reservations: (tx, { reservations }, [ids]: [string[]]) =>
    ids.flatMap((id) => tx.get(reservations, id) ?? []),
  inventory_lock_stock: (tx, { stock, reservations }, [named, ids]: [string[], string[]]) => {
    const skus = new Set(named);
    for (const id of ids) {
      const reservation = tx.get(reservations, id);
      if (reservation?.state === 'reserved') for (const { sku } of reservation.lines) skus.add(sku);
    }
    return [...skus].sort().flatMap((sku) => tx.lock(stock, sku) ?? []);
  },
  inventory_select_stock: (tx, { stock }, [sku]: [string]) => {
    const row = tx.get(stock, sku);
    return row === undefined ? [] : [row];
  },
  inventory_save_reservations: (tx, { reservations }, [ids, states, lines]) => {
    const parsed: ReservationRow['lines'][] = JSON.parse(lines);
    ids.forEach((order_id: string, index: number) => {
      const state: string = states[index];
      tx.upsert(reservations, order_id, { order_id, state, lines: parsed[index] ?? [] }, (there) => ({
        ...there,
        state,
      }));
    });
    return [];
  },
  inventory_save_stock: (tx, { stock }, [skus, onHand, reserved, shipped, received]) => {
    skus.forEach((sku: string, index: number) => {
      const row: StockRow = {
        sku,
        on_hand: onHand[index],
        reserved: reserved[index],
        shipped: shipped[index],
        received: received[index],
      };
      if (Math.min(row.on_hand, row.reserved, row.shipped) < 0)
        throw new DatabaseError('23514', 'stock: a count below nothing');
      if (row.on_hand + row.reserved + row.shipped !== row.received)
        throw new DatabaseError('23514', 'stock_is_conserved');
      tx.upsert(stock, sku, row, () => row);
    });
    return [];
  },
};

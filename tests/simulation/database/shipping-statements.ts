import { createTable, type Execute, type Table } from './server.ts';

/** The rows of the shipping service, by their statements' names: services/shipping/src/store.ts. */

export interface ShipmentRow {
  readonly order_id: string;
  readonly state: string;
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

export interface ShippingTables {
  readonly shipments: Table<ShipmentRow>;
  readonly contacts: Table<ContactRow>;
}

export const createShippingTables = (): ShippingTables => ({
  shipments: createTable('shipments'),
  contacts: createTable('contacts'),
});

export const shippingStatements: Readonly<Record<string, Execute<ShippingTables>>> = {
  shipping_select_shipments: (tx, { shipments }, [ids]: [string[]]) =>
    ids.flatMap((id) => tx.get(shipments, id) ?? []),
  shipping_select_contacts: (tx, { contacts }, [ids]: [string[]]) =>
    ids.flatMap((id) => tx.get(contacts, id) ?? []),
  shipping_select_addressed: (tx, { contacts }, [ids]: [string[]]) =>
    ids.flatMap((id) => (tx.get(contacts, id) === undefined ? [] : [{ order_id: id }])),
  shipping_save_shipments: (tx, { shipments }, values) => {
    const [ids, states, shipmentIds, carriers, trackingNumbers, promisedDates, serviceLevels, refusals] =
      values;
    ids.forEach((order_id: string, index: number) => {
      const row: ShipmentRow = {
        order_id,
        state: states[index],
        shipment_id: shipmentIds[index],
        carrier: carriers[index],
        tracking_number: trackingNumbers[index],
        promised_date: promisedDates[index],
        service_level: serviceLevels[index],
        refusal: refusals[index],
      };
      tx.upsert(shipments, order_id, row, () => row);
    });
    return [];
  },
  shipping_save_contacts: (tx, { contacts }, [ids, names, streets, postalCodes, cities, countries]) => {
    ids.forEach((order_id: string, index: number) => {
      const row: ContactRow = {
        order_id,
        name: names[index],
        street: streets[index],
        postal_code: postalCodes[index],
        city: cities[index],
        country: countries[index],
      };
      tx.upsert(contacts, order_id, row, () => row);
    });
    return [];
  },
};

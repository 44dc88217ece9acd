import type { Kernel } from '@skald/messaging';
import { type App, Problem } from '@skald/service-kit';
import { z } from 'zod';
import type { StoredShipment } from './shipment-state.ts';
import { findShipment } from './store.ts';

const orderPath = z.strictObject({
  orderId: z
    .uuid()
    .toLowerCase()
    .meta({
      description: 'Of the order that is shipped',
      examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
    }),
});

const shipmentAnswer = z
  .object({
    orderId: z.uuid(),
    status: z
      .enum([
        'paid',
        'booking',
        'scheduled',
        'refused',
        'dispatched',
        'cancelling',
        'called-off',
        'cancelled',
      ])
      .describe('paid: waits for the address. cancelling: cancelled while the carrier is asked'),
    shipmentId: z.uuid().nullable(),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    promisedDate: z.iso.date().nullable().describe('Day of delivery'),
    serviceLevel: z.string().nullable(),
    refusal: z.string().nullable().describe('Why the carrier refused: ADDRESS_UNSERVICEABLE'),
  })
  .meta({ id: 'Shipment' });

export function routes(app: App, { database }: Pick<Kernel, 'database'>): void {
  app.get(
    '/shipments/:orderId',
    {
      config: {
        docs: {
          problems: { 404: 'Nothing is to be shipped for it yet (`urn:skald:problem:unknown-shipment`)' },
        },
      },
      schema: {
        tags: ['shipments'],
        summary: "An order's shipment",
        description: 'Known from the payment on, or from the cancellation. Holds no address.',
        params: orderPath,
        response: { 200: shipmentAnswer },
      },
    },
    async (request) => {
      const { orderId } = request.params;
      const shipment = await findShipment(database, orderId);
      if (shipment === undefined) throw unknownShipment(orderId);
      return describe(shipment);
    },
  );
}

function describe(shipment: StoredShipment): z.infer<typeof shipmentAnswer> {
  const { orderId, state } = shipment;
  const { carrier, trackingNumber, promisedDate, serviceLevel } =
    'booking' in shipment ? shipment.booking : unbooked;
  return {
    orderId,
    status: state,
    shipmentId: 'shipmentId' in shipment ? shipment.shipmentId : null,
    carrier,
    trackingNumber,
    promisedDate,
    serviceLevel,
    refusal: 'refusal' in shipment ? shipment.refusal : null,
  };
}

const unbooked = { carrier: null, trackingNumber: null, promisedDate: null, serviceLevel: null };

const unknownShipment = (orderId: string): Problem =>
  new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-shipment',
    title: 'Unknown shipment',
    detail: `Nothing is to be shipped for order ${orderId} yet`,
  });

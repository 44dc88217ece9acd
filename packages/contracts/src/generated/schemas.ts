// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type { RecordSchema } from '../schema.ts';
import type { EventName } from './events.ts';

/** Every event's schema, self-contained, as it is registered: read at start, so nothing is read from files. */
export const schemas: Readonly<Record<EventName, RecordSchema>> = {
  MailSent: {
    type: 'record',
    name: 'MailSent',
    namespace: 'skald.email',
    doc: 'The mail server has accepted the mail',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'notificationId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The notification that asked for it, UUIDv7',
      },
      {
        name: 'template',
        type: {
          type: 'string',
          logicalType: 'one-of',
          values: ['order-confirmation', 'shipment-scheduled', 'order-cancelled'],
        },
        doc: 'Which mail',
      },
      { name: 'sentAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  MailUnknown: {
    type: 'record',
    name: 'MailUnknown',
    namespace: 'skald.email',
    doc: 'The mail may or may not have left. It is never sent again by itself',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'notificationId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The notification that asked for it, UUIDv7',
      },
      {
        name: 'template',
        type: {
          type: 'string',
          logicalType: 'one-of',
          values: ['order-confirmation', 'shipment-scheduled', 'order-cancelled'],
        },
        doc: 'Which mail',
      },
      { name: 'cause', type: 'string', doc: 'What kept us from knowing; no address' },
      {
        name: 'at',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When we gave up, epoch ms',
      },
    ],
  },
  ProductListed: {
    type: 'record',
    name: 'ProductListed',
    namespace: 'skald.inventory',
    doc: 'A product is sold under this name at this price from now on. The newest for each SKU counts',
    fields: [
      { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001; the partition key' },
      { name: 'name', type: 'string', doc: 'What customers see' },
      {
        name: 'unitPrice',
        type: {
          type: 'record',
          name: 'Money',
          namespace: 'skald.values',
          doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
          fields: [
            {
              name: 'amount',
              type: { type: 'long', logicalType: 'minor-units' },
              doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
            },
            { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
          ],
        },
        doc: 'Price of one piece',
      },
      { name: 'listedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  StockReservationCancelled: {
    type: 'record',
    name: 'StockReservationCancelled',
    namespace: 'skald.inventory',
    doc: 'What was set aside for a cancelled order is free again',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'StockLine',
            namespace: 'skald.values',
            doc: 'So many pieces of one product in stock',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
            ],
          },
        },
        doc: 'What went back',
      },
      {
        name: 'cancelledAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When, epoch ms',
      },
    ],
  },
  StockReservationFailed: {
    type: 'record',
    name: 'StockReservationFailed',
    namespace: 'skald.inventory',
    doc: 'Not every line could be had, so nothing was set aside',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'shortages',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'Shortage',
            namespace: 'skald.values',
            doc: 'A product of which there was too little',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'requested', type: 'int', doc: 'Pieces that the order asked for' },
              { name: 'available', type: 'int', doc: 'Pieces that were free' },
            ],
          },
        },
        doc: 'Each product that fell short',
      },
      { name: 'failedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  StockReserved: {
    type: 'record',
    name: 'StockReserved',
    namespace: 'skald.inventory',
    doc: 'All lines of the order are set aside',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'StockLine',
            namespace: 'skald.values',
            doc: 'So many pieces of one product in stock',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
            ],
          },
        },
        doc: 'What was set aside, the whole order',
      },
      { name: 'reservedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  StockShipped: {
    type: 'record',
    name: 'StockShipped',
    namespace: 'skald.inventory',
    doc: 'What was set aside for a confirmed order has left the warehouse',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'StockLine',
            namespace: 'skald.values',
            doc: 'So many pieces of one product in stock',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
            ],
          },
        },
        doc: 'What left',
      },
      { name: 'shippedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  EmailNotification: {
    type: 'record',
    name: 'EmailNotification',
    namespace: 'skald.orders',
    doc: 'A mail that the customer shall get, with all that its text needs. Personal data: kept for seven days',
    fields: [
      {
        name: 'notificationId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'This notification, UUIDv7; what the mail is sent once for',
      },
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'template',
        type: {
          type: 'string',
          logicalType: 'one-of',
          values: ['order-confirmation', 'shipment-scheduled', 'order-cancelled'],
        },
        doc: 'Which mail',
      },
      { name: 'email', type: 'string', personalData: true, doc: "The customer's address" },
      { name: 'name', type: 'string', personalData: true, doc: 'How the mail addresses the customer' },
      {
        name: 'lines',
        type: [
          'null',
          {
            type: 'array',
            items: {
              type: 'record',
              name: 'OrderLine',
              namespace: 'skald.values',
              doc: 'One line of an order, priced by the order service when it was placed',
              fields: [
                { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
                { name: 'name', type: 'string', doc: 'The product as the customer saw it' },
                { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
                {
                  name: 'unitPrice',
                  type: {
                    type: 'record',
                    name: 'Money',
                    namespace: 'skald.values',
                    doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
                    fields: [
                      {
                        name: 'amount',
                        type: { type: 'long', logicalType: 'minor-units' },
                        doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
                      },
                      { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
                    ],
                  },
                  doc: 'Price of one piece',
                },
              ],
            },
          },
        ],
        default: null,
        doc: 'order-confirmation: what was ordered',
      },
      {
        name: 'total',
        type: ['null', 'skald.values.Money'],
        default: null,
        doc: 'order-confirmation: the sum',
      },
      {
        name: 'reason',
        type: [
          'null',
          {
            type: 'string',
            logicalType: 'one-of',
            values: [
              'OUT_OF_STOCK',
              'PAYMENT_DECLINED',
              'ADDRESS_UNSERVICEABLE',
              'CANCELLED_BY_CUSTOMER',
              'DEADLINE_PASSED',
            ],
          },
        ],
        default: null,
        doc: 'order-cancelled: why',
      },
      { name: 'carrier', type: ['null', 'string'], default: null, doc: 'shipment-scheduled: who delivers' },
      {
        name: 'trackingNumber',
        type: ['null', 'string'],
        default: null,
        doc: "shipment-scheduled: the carrier's number",
      },
      {
        name: 'promisedDate',
        type: ['null', 'string'],
        default: null,
        doc: 'shipment-scheduled: day of delivery, ISO 8601: 2026-01-31',
      },
    ],
  },
  OrderCancelled: {
    type: 'record',
    name: 'OrderCancelled',
    namespace: 'skald.orders',
    doc: 'The order has ended without a shipment; each participant undoes what it did',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'reason',
        type: {
          type: 'string',
          logicalType: 'one-of',
          values: [
            'OUT_OF_STOCK',
            'PAYMENT_DECLINED',
            'ADDRESS_UNSERVICEABLE',
            'CANCELLED_BY_CUSTOMER',
            'DEADLINE_PASSED',
          ],
        },
        doc: 'Why',
      },
      {
        name: 'cancelledAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the order service cancelled, epoch ms',
      },
    ],
  },
  OrderConfirmed: {
    type: 'record',
    name: 'OrderConfirmed',
    namespace: 'skald.orders',
    doc: 'The pivot: the order is reserved, paid and booked, and can no longer be cancelled',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'shipmentId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The shipment that was scheduled, UUIDv7',
      },
      {
        name: 'confirmedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the order service confirmed, epoch ms',
      },
    ],
  },
  OrderContact: {
    type: 'record',
    name: 'OrderContact',
    namespace: 'skald.orders',
    doc: 'Where the order goes. Personal data: travels in a topic that forgets, never in a kept one',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      { name: 'name', type: 'string', personalData: true, doc: 'Recipient' },
      { name: 'street', type: 'string', personalData: true, doc: 'Street and number' },
      {
        name: 'postalCode',
        type: 'string',
        personalData: true,
        doc: 'Postal code, as written in the country',
      },
      { name: 'city', type: 'string', personalData: true, doc: 'City' },
      { name: 'country', type: 'string', personalData: true, doc: 'ISO 3166-1 alpha-2 code: DE' },
      { name: 'email', type: 'string', personalData: true, doc: "The customer's address for mail" },
    ],
  },
  OrderCreated: {
    type: 'record',
    name: 'OrderCreated',
    namespace: 'skald.orders',
    doc: 'An order was placed and priced. It starts the saga',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'customerId',
        type: 'string',
        doc: "The customer, as the shop's own system calls them; says nothing about the person",
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'OrderLine',
            namespace: 'skald.values',
            doc: 'One line of an order, priced by the order service when it was placed',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'name', type: 'string', doc: 'The product as the customer saw it' },
              { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
              {
                name: 'unitPrice',
                type: {
                  type: 'record',
                  name: 'Money',
                  namespace: 'skald.values',
                  doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
                  fields: [
                    {
                      name: 'amount',
                      type: { type: 'long', logicalType: 'minor-units' },
                      doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
                    },
                    { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
                  ],
                },
                doc: 'Price of one piece',
              },
            ],
          },
        },
        doc: 'What was ordered: at least one line, each SKU once',
      },
      { name: 'total', type: 'skald.values.Money', doc: 'Sum of quantity times unit price over all lines' },
      {
        name: 'paymentMethod',
        type: 'string',
        doc: "The payment provider's token: tok_visa. Never a card number",
      },
      {
        name: 'createdAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the order was accepted, epoch ms',
      },
    ],
  },
  OrderReadModel: {
    type: 'record',
    name: 'OrderReadModel',
    namespace: 'skald.orders',
    doc: 'All that is known of an order, put together from the events of all services. Says nothing about a person',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'version',
        type: 'int',
        doc: "How many of the order's events it holds, of all topics: the record's ce_sequence",
      },
      {
        name: 'status',
        type: { type: 'string', logicalType: 'one-of', values: ['PENDING', 'CONFIRMED', 'CANCELLED'] },
        doc: 'How the order stands',
      },
      {
        name: 'reason',
        type: [
          'null',
          {
            type: 'string',
            logicalType: 'one-of',
            values: [
              'OUT_OF_STOCK',
              'PAYMENT_DECLINED',
              'ADDRESS_UNSERVICEABLE',
              'CANCELLED_BY_CUSTOMER',
              'DEADLINE_PASSED',
            ],
          },
        ],
        default: null,
        doc: 'CANCELLED: why',
      },
      {
        name: 'customerId',
        type: 'string',
        doc: "The customer, as the shop's own system calls them; says nothing about the person",
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'ViewLine',
            namespace: 'skald.values',
            doc: 'A line of an order as the read model has it',
            fields: [
              { name: 'sku', type: 'string', doc: 'Stock keeping unit: SKU-0001' },
              { name: 'name', type: 'string', doc: 'The product as the customer saw it' },
              { name: 'quantity', type: 'int', doc: 'Pieces, 1 or more' },
              {
                name: 'unitPrice',
                type: {
                  type: 'record',
                  name: 'Money',
                  namespace: 'skald.values',
                  doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
                  fields: [
                    {
                      name: 'amount',
                      type: { type: 'long', logicalType: 'minor-units' },
                      doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
                    },
                    { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
                  ],
                },
                doc: 'Price of one piece',
              },
              {
                name: 'reservation',
                type: {
                  type: 'string',
                  logicalType: 'one-of',
                  values: ['waiting', 'reserved', 'short', 'shipped', 'released'],
                },
                doc: 'How its stock stands',
              },
              {
                name: 'available',
                type: ['null', 'int'],
                default: null,
                doc: 'short: pieces that were free; null for a line that there was enough of',
              },
            ],
          },
        },
        doc: 'What was ordered, and what became of its stock',
      },
      { name: 'total', type: 'skald.values.Money', doc: 'Sum of quantity times unit price over all lines' },
      {
        name: 'placedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the order was accepted, epoch ms',
      },
      {
        name: 'updatedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'Time of the newest of its events, epoch ms',
      },
      {
        name: 'payment',
        type: [
          'null',
          {
            type: 'record',
            name: 'ViewPayment',
            namespace: 'skald.values',
            doc: "An order's payment as the read model has it",
            fields: [
              {
                name: 'state',
                type: { type: 'string', logicalType: 'one-of', values: ['completed', 'failed', 'refunded'] },
                doc: 'How it stands',
              },
              {
                name: 'amount',
                type: ['null', 'skald.values.Money'],
                default: null,
                doc: 'What was charged; null if nothing was',
              },
              {
                name: 'refunded',
                type: ['null', 'skald.values.Money'],
                default: null,
                doc: 'What went back; null if nothing did',
              },
              {
                name: 'declineReason',
                type: ['null', 'string'],
                default: null,
                doc: "failed: the provider's reason",
              },
            ],
          },
        ],
        default: null,
        doc: 'null until payment has spoken',
      },
      {
        name: 'shipment',
        type: [
          'null',
          {
            type: 'record',
            name: 'ViewShipment',
            namespace: 'skald.values',
            doc: "An order's shipment as the read model has it",
            fields: [
              {
                name: 'state',
                type: {
                  type: 'string',
                  logicalType: 'one-of',
                  values: ['scheduled', 'failed', 'dispatched', 'cancelled'],
                },
                doc: 'How it stands',
              },
              {
                name: 'carrier',
                type: ['null', 'string'],
                default: null,
                doc: 'Who delivers; null if nobody was booked',
              },
              {
                name: 'trackingNumber',
                type: ['null', 'string'],
                default: null,
                doc: "The carrier's number",
              },
              {
                name: 'promisedDate',
                type: ['null', 'string'],
                default: null,
                doc: 'Day of delivery, ISO 8601: 2026-01-31',
              },
              { name: 'failure', type: ['null', 'string'], default: null, doc: 'failed: why' },
            ],
          },
        ],
        default: null,
        doc: 'null until shipping has spoken',
      },
      {
        name: 'mails',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'ViewMail',
            namespace: 'skald.values',
            doc: 'A mail of an order as the read model has it, without address',
            fields: [
              {
                name: 'template',
                type: {
                  type: 'string',
                  logicalType: 'one-of',
                  values: ['order-confirmation', 'shipment-scheduled', 'order-cancelled'],
                },
                doc: 'Which mail',
              },
              {
                name: 'state',
                type: { type: 'string', logicalType: 'one-of', values: ['sent', 'unknown'] },
                doc: 'Whether it has left',
              },
              {
                name: 'at',
                type: { type: 'long', logicalType: 'timestamp-millis' },
                doc: 'Since when, epoch ms',
              },
              {
                name: 'cause',
                type: ['null', 'string'],
                default: null,
                doc: 'unknown: what kept us from knowing',
              },
            ],
          },
        },
        doc: 'In the order they were told',
      },
      {
        name: 'steps',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'ViewStep',
            namespace: 'skald.values',
            doc: 'A step of the saga that was taken: one event, and where it lies',
            fields: [
              { name: 'service', type: 'string', doc: 'Who took it' },
              { name: 'verb', type: 'string', doc: 'What was done: reserve' },
              { name: 'event', type: 'string', doc: 'What was said of it: StockReserved' },
              {
                name: 'at',
                type: { type: 'long', logicalType: 'timestamp-millis' },
                doc: 'When, epoch ms, by the clock of the service that took it',
              },
              {
                name: 'durationMs',
                type: ['null', 'long'],
                default: null,
                doc: 'Since the event that called for it, ms; null where nothing did but a person or a deadline',
              },
              { name: 'sequence', type: 'int', doc: "Version of the order in the event's topic" },
              {
                name: 'partition',
                type: ['null', 'int'],
                default: null,
                doc: 'Where the event lies in its topic',
              },
              {
                name: 'offset',
                type: ['null', 'long'],
                default: null,
                doc: 'Where the event lies in its partition',
              },
            ],
          },
        },
        doc: 'Steps taken, in the order of time',
      },
      {
        name: 'remaining',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'ViewNextStep',
            namespace: 'skald.values',
            doc: 'A step of the saga that is still to be taken',
            fields: [
              { name: 'service', type: 'string', doc: 'Who owes it' },
              { name: 'verb', type: 'string', doc: 'What is to be done: charge' },
            ],
          },
        },
        doc: 'Steps still to come if nothing fails, in the order of the saga',
      },
      {
        name: 'waitsFor',
        type: ['null', 'skald.values.ViewNextStep'],
        default: null,
        doc: 'The step it waits for, and whose it is; null once nothing is to come',
      },
    ],
  },
  PaymentCompleted: {
    type: 'record',
    name: 'PaymentCompleted',
    namespace: 'skald.payment',
    doc: 'The order is paid in full',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'paymentId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The payment, UUIDv7; one for each order',
      },
      { name: 'chargeId', type: 'string', doc: "The provider's number of the charge" },
      {
        name: 'amount',
        type: {
          type: 'record',
          name: 'Money',
          namespace: 'skald.values',
          doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
          fields: [
            {
              name: 'amount',
              type: { type: 'long', logicalType: 'minor-units' },
              doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
            },
            { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
          ],
        },
        doc: "What was charged: the order's total",
      },
      {
        name: 'completedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When, epoch ms',
      },
    ],
  },
  PaymentFailed: {
    type: 'record',
    name: 'PaymentFailed',
    namespace: 'skald.payment',
    doc: 'The provider refused the charge; no money has moved',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'paymentId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The payment, UUIDv7; one for each order',
      },
      { name: 'code', type: 'string', doc: "The provider's reason: card_declined, insufficient_funds" },
      { name: 'failedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  PaymentRefunded: {
    type: 'record',
    name: 'PaymentRefunded',
    namespace: 'skald.payment',
    doc: 'The whole charge of a cancelled order went back',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      {
        name: 'paymentId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The payment, UUIDv7; one for each order',
      },
      { name: 'chargeId', type: 'string', doc: "The provider's number of the charge" },
      { name: 'refundId', type: 'string', doc: "The provider's number of the refund" },
      {
        name: 'amount',
        type: {
          type: 'record',
          name: 'Money',
          namespace: 'skald.values',
          doc: 'An amount of money: whole minor units, so that nothing is ever rounded',
          fields: [
            {
              name: 'amount',
              type: { type: 'long', logicalType: 'minor-units' },
              doc: 'Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read',
            },
            { name: 'currency', type: 'string', doc: 'ISO 4217 code: EUR' },
          ],
        },
        doc: 'What went back: the whole charge',
      },
      { name: 'refundedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  ShipmentCancelled: {
    type: 'record',
    name: 'ShipmentCancelled',
    namespace: 'skald.shipping',
    doc: 'The booking of a cancelled order was called off before anything left',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      { name: 'shipmentId', type: { type: 'string', logicalType: 'uuid' }, doc: 'The shipment, UUIDv7' },
      {
        name: 'cancelledAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When, epoch ms',
      },
    ],
  },
  ShipmentDispatched: {
    type: 'record',
    name: 'ShipmentDispatched',
    namespace: 'skald.shipping',
    doc: 'The parcel of a confirmed order is on its way',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      { name: 'shipmentId', type: { type: 'string', logicalType: 'uuid' }, doc: 'The shipment, UUIDv7' },
      { name: 'trackingNumber', type: 'string', doc: "The carrier's number" },
      {
        name: 'dispatchedAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When, epoch ms',
      },
    ],
  },
  ShipmentFailed: {
    type: 'record',
    name: 'ShipmentFailed',
    namespace: 'skald.shipping',
    doc: 'No carrier delivers to the address',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      { name: 'code', type: 'string', doc: 'Why: ADDRESS_UNSERVICEABLE' },
      { name: 'failedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When, epoch ms' },
    ],
  },
  ShipmentScheduled: {
    type: 'record',
    name: 'ShipmentScheduled',
    namespace: 'skald.shipping',
    doc: 'A carrier has accepted the order for a day',
    fields: [
      {
        name: 'orderId',
        type: { type: 'string', logicalType: 'uuid' },
        doc: 'The order, UUIDv7; the partition key',
      },
      { name: 'shipmentId', type: { type: 'string', logicalType: 'uuid' }, doc: 'The shipment, UUIDv7' },
      { name: 'carrier', type: 'string', doc: 'Who delivers' },
      { name: 'trackingNumber', type: 'string', doc: "The carrier's number" },
      { name: 'promisedDate', type: 'string', doc: 'Day of delivery, ISO 8601: 2026-01-31' },
      {
        name: 'scheduledAt',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When the carrier accepted, epoch ms',
      },
      {
        name: 'serviceLevel',
        type: ['null', 'string'],
        default: null,
        doc: 'What was booked with the carrier: standard, express. Since version 2; null in records older than that',
      },
    ],
  },
};

import { z } from 'zod';

// What order-view answers (services/order-view/README.md), as far as it is read here: what is new passes by.

const money = z.object({ amount: z.int(), currency: z.string() });
const nextStep = z.object({ service: z.string(), verb: z.string() });
const status = z.enum(['PENDING', 'CONFIRMED', 'CANCELLED']);

const step = z.object({
  service: z.string(),
  verb: z.string(),
  event: z.string(),
  at: z.iso.datetime(),
  durationMs: z.number().nullable(),
  topic: z.string(),
  sequence: z.int(),
  partition: z.int().nullable(),
  offset: z.int().nullable(),
});

const summaryFields = {
  orderId: z.string(),
  version: z.int(),
  status,
  reason: z.string().nullable(),
  customerId: z.string(),
  lines: z.array(
    z.object({
      sku: z.string(),
      name: z.string(),
      quantity: z.int(),
      unitPrice: money,
      reservation: z.string(),
      available: z.int().nullable(),
    }),
  ),
  total: money,
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  waitsFor: nextStep.nullable(),
};

export const orderSchema = z.object({
  ...summaryFields,
  payment: z
    .object({
      state: z.string(),
      amount: money.nullable(),
      refunded: money.nullable(),
      declineReason: z.string().nullable(),
    })
    .nullable(),
  shipment: z
    .object({
      state: z.string(),
      carrier: z.string().nullable(),
      trackingNumber: z.string().nullable(),
      promisedDate: z.string().nullable(),
      failure: z.string().nullable(),
    })
    .nullable(),
  mails: z.array(
    z.object({ template: z.string(), state: z.string(), at: z.iso.datetime(), cause: z.string().nullable() }),
  ),
  steps: z.array(step),
  remaining: z.array(nextStep),
});

export const pageSchema = z.object({
  orders: z.array(z.object(summaryFields)),
  nextCursor: z.string().nullable(),
  facets: z
    .object({
      total: z.int(),
      isWhole: z.boolean(),
      status: z.record(z.string(), z.int()),
      sku: z.record(z.string(), z.int()),
      waitsFor: z.record(z.string(), z.int()),
    })
    .nullable(),
  /** A stream from here misses nothing that is not on the page. */
  position: z.string(),
});

/** All that is known of an order. */
export type Order = z.infer<typeof orderSchema>;
export type OrderSummary = z.infer<typeof pageSchema>['orders'][number];
export type Page = z.infer<typeof pageSchema>;
export type Step = z.infer<typeof step>;
export type NextStep = z.infer<typeof nextStep>;
export type Money = z.infer<typeof money>;
export type Status = z.infer<typeof status>;

import {
  cancelReasons,
  type EventName,
  mailStates,
  type OrderReadModel,
  orderStatuses,
  paymentStates,
  reservationStates,
  shipmentStates,
  topicOf,
  type ViewStep,
} from '@skald/contracts';
import { z } from 'zod';

const time = z.iso.datetime();
const money = z.object({
  amount: z.int().describe('Minor units of the currency: cents'),
  currency: z.string(),
});
const nextStep = z.object({ service: z.string(), verb: z.string() });

const summaryFields = {
  orderId: z.uuid(),
  version: z.int().describe('How many events of the order it holds'),
  status: z.enum(orderStatuses),
  reason: z.enum(cancelReasons).nullable(),
  customerId: z.string(),
  lines: z.array(
    z.object({
      sku: z.string(),
      name: z.string(),
      quantity: z.int(),
      unitPrice: money,
      reservation: z.enum(reservationStates),
      available: z.int().nullable().describe('Pieces that were free, where they were too few'),
    }),
  ),
  total: money,
  placedAt: time,
  updatedAt: time,
  waitsFor: nextStep.nullable().describe('The next step, and the service that owes it; null at the end'),
};

export const summaryAnswer = z.object(summaryFields).meta({ id: 'OrderSummary' });

const journeyFields = {
  steps: z
    .array(
      z.object({
        service: z.string(),
        verb: z.string(),
        event: z.string(),
        at: time,
        durationMs: z.int().nullable().describe('Since the event that called for it'),
        topic: z.string(),
        sequence: z.int().describe("The order's version in that topic"),
        partition: z.int().nullable(),
        offset: z.int().nullable(),
      }),
    )
    .describe('In the order of time'),
  remaining: z.array(nextStep).describe('Steps still to come if nothing fails'),
};

export const orderAnswer = z
  .object({
    ...summaryFields,
    payment: z
      .object({
        state: z.enum(paymentStates),
        amount: money.nullable(),
        refunded: money.nullable(),
        declineReason: z.string().nullable(),
      })
      .nullable(),
    shipment: z
      .object({
        state: z.enum(shipmentStates),
        carrier: z.string().nullable(),
        trackingNumber: z.string().nullable(),
        promisedDate: z.string().nullable(),
        failure: z.string().nullable(),
      })
      .nullable(),
    mails: z.array(
      z.object({
        template: z.string(),
        state: z.enum(mailStates),
        at: time,
        cause: z.string().nullable(),
      }),
    ),
    ...journeyFields,
  })
  .meta({ id: 'OrderView' });

export const timelineAnswer = z
  .object({
    orderId: z.uuid(),
    version: z.int(),
    status: z.enum(orderStatuses),
    ...journeyFields,
    waitsFor: nextStep.nullable(),
  })
  .meta({ id: 'Timeline' });

const counts = z.record(z.string(), z.int());

export const pageAnswer = z
  .object({
    orders: z.array(summaryAnswer),
    nextCursor: z.string().nullable(),
    facets: z
      .object({
        total: z.int(),
        isWhole: z.boolean().describe('False: only the newest were counted'),
        status: counts,
        sku: counts.describe('Of the SKUs that most orders hold'),
        waitsFor: counts,
      })
      .nullable()
      .describe('How the orders that match are told apart; on the first page alone'),
    position: z.string().describe('A stream from here misses nothing that is not on this page'),
  })
  .meta({ id: 'OrderViewPage' });

const iso = (at: number): string => new Date(at).toISOString();

export function describeSummary(model: OrderReadModel): z.infer<typeof summaryAnswer> {
  const { orderId, version, status, reason, customerId, lines, total, placedAt, updatedAt, waitsFor } = model;
  return {
    orderId,
    version,
    status,
    reason,
    customerId,
    lines: [...lines],
    total,
    placedAt: iso(placedAt),
    updatedAt: iso(updatedAt),
    waitsFor,
  };
}

export function describeOrder(model: OrderReadModel): z.infer<typeof orderAnswer> {
  const { payment, shipment, mails } = model;
  const { waitsFor, ...summary } = describeSummary(model);
  return {
    ...summary,
    payment,
    shipment,
    mails: mails.map((mail) => ({ ...mail, at: iso(mail.at) })),
    ...journeyOf(model),
    waitsFor,
  };
}

export const describeTimeline = (model: OrderReadModel): z.infer<typeof timelineAnswer> => ({
  orderId: model.orderId,
  version: model.version,
  status: model.status,
  ...journeyOf(model),
  waitsFor: model.waitsFor,
});

const journeyOf = ({ steps, remaining }: OrderReadModel) => ({
  steps: steps.map(describeStep),
  remaining: [...remaining],
});

const describeStep = (step: ViewStep) => ({
  ...step,
  at: iso(step.at),
  topic: topicOf(step.event as EventName),
});

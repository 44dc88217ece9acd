import type { Kernel } from '@skald/messaging';
import { type App, Problem } from '@skald/service-kit';
import { z } from 'zod';
import { isOrderId } from './inputs.ts';
import type { Payment, PaymentState } from './payment.ts';
import { findPayment } from './store.ts';

const tags = ['payments'];

const orderPath = z.strictObject({
  orderId: z
    .string()
    .refine(isOrderId, 'Must be an order id: a UUID in lower case')
    .meta({
      description: 'Of the order that is paid for',
      examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
    }),
});

/** As the table's constraint lists them: a payment that isn't known has no row. */
const statuses = [
  'ordered',
  'reserved',
  'charging',
  'completed',
  'failed',
  'cancelling',
  'refunding',
  'refunded',
  'cancelled',
] as const satisfies PaymentState[];

const paymentAnswer = z
  .object({
    orderId: z.uuid(),
    paymentId: z.uuid().optional().describe('Since the charge was asked for'),
    status: z.enum(statuses),
    amount: z.int().optional().describe('Minor units of the currency: cents'),
    currency: z.string().optional(),
    chargeId: z.string().optional().describe("The provider's number of the charge"),
    refundId: z.string().optional().describe("The provider's number of the refund"),
    code: z.string().optional().describe('Why the provider declined: card_declined'),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' });

export function routes(app: App, kernel: Kernel): void {
  app.get(
    '/payments/:orderId',
    {
      config: {
        docs: { problems: { 404: 'Payment has not heard of it (`urn:skald:problem:unknown-payment`)' } },
      },
      schema: {
        tags,
        summary: "How an order's payment stands",
        description: 'Known from the first event of the order on. The payment method is never told.',
        params: orderPath,
        response: { 200: paymentAnswer },
      },
    },
    async (request) => {
      const { orderId } = request.params;
      const found = await findPayment(kernel.database, orderId);
      if (found === undefined) throw unknownPayment(orderId);
      return describePayment(found.payment, found.updatedAt);
    },
  );
}

/** The payment method stays inside: a token is of no use to a reader. */
function describePayment(payment: Payment, updatedAt: Date): z.infer<typeof paymentAnswer> {
  if (payment.state === 'none') throw new Error('A payment that nobody heard of has no row');
  return {
    orderId: payment.orderId,
    ...('paymentId' in payment && { paymentId: payment.paymentId }),
    status: payment.state,
    ...('amount' in payment && payment.amount),
    ...('chargeId' in payment && { chargeId: payment.chargeId }),
    ...('refundId' in payment && { refundId: payment.refundId }),
    ...('code' in payment && { code: payment.code }),
    updatedAt: updatedAt.toISOString(),
  };
}

const unknownPayment = (orderId: string): Problem =>
  new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-payment',
    title: 'Unknown payment',
    detail: `Payment has not heard of an order ${orderId}`,
  });

import { emailTemplates } from '@skald/contracts';
import type { Kernel } from '@skald/messaging';
import type { App } from '@skald/service-kit';
import { z } from 'zod';
import { isOrderId } from './inputs.ts';
import { listMails, type MailReport } from './store.ts';

const tags = ['mails'];

const orderPath = z.strictObject({
  orderId: z
    .string()
    .refine(isOrderId, 'Must be an order id: a UUID in lower case')
    .meta({
      description: 'Of the order that they are about',
      examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
    }),
});

const mailAnswer = z
  .object({
    template: z.enum(emailTemplates),
    status: z.enum(['sending', 'sent', 'unknown']).describe('unknown: it may or may not have left'),
    cause: z.string().optional().describe('What kept us from knowing'),
    time: z.iso.datetime().describe('Since when'),
  })
  .meta({ id: 'Mail' });

export function routes(app: App, kernel: Kernel): void {
  app.get(
    '/mails/:orderId',
    {
      schema: {
        tags,
        summary: 'The mails of an order',
        description: 'Without address. An empty list for an order that email has not heard of.',
        params: orderPath,
        response: { 200: z.array(mailAnswer) },
      },
    },
    async (request) => (await listMails(kernel.database, request.params.orderId)).map(describeMail),
  );
}

const describeMail = ({ template, state, cause, updated_at }: MailReport): z.infer<typeof mailAnswer> => ({
  template,
  status: state,
  ...(cause !== null && { cause }),
  time: updated_at.toISOString(),
});

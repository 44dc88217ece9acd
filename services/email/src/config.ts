import { integerVariable, parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceEnvironment,
    /** `discard`: every mail is thrown away. For benchmarks. */
    MAIL_TRANSPORT: z.enum(['smtp', 'discard']).default('smtp'),
    /** smtp://user:password@host:port, or smtps://. Not needed with `discard`. */
    SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be a URL like smtp://127.0.0.1:1025' }).optional(),
    /** Whom mails come from: an address, perhaps with a name. */
    MAIL_FROM: z
      .string()
      .regex(
        /^(?:[^<>@\r\n]*<[^<>@\s]+@[A-Za-z0-9.-]+>|[^<>@\s]+@[A-Za-z0-9.-]+)$/,
        'must be like Skald <orders@skald.example>',
      )
      .default('Skald <orders@skald.example>'),
    /** Mails of each template at once, each on a connection of its own. */
    MAIL_CONCURRENCY: integerVariable(1, 100).default(5),
  })
  .refine((config) => config.MAIL_TRANSPORT === 'discard' || config.SMTP_URL !== undefined, {
    path: ['SMTP_URL'],
  });

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);

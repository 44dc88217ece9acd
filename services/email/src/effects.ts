import { emailTemplates } from '@skald/contracts';
import type { EffectRunner } from '@skald/messaging';
import type { Letter } from './letter.ts';
import { effectKind, type MailAnswer } from './mail.ts';
import type { Mailer } from './mailer.ts';
import { render } from './templates.ts';

/** One kind of effect a template: a mail whose sender has crashed is known by nothing else. */
export function createEffects(mailer: Mailer): Record<string, EffectRunner<Letter, MailAnswer>> {
  const runner: EffectRunner<Letter, MailAnswer> = {
    repeatable: mailer.isRepeatable,
    lingers: true,
    concurrency: mailer.concurrency,
    unknown: { status: 'unknown', cause: 'the sender crashed in the middle of it' },
    run: ({ data: letter }, signal) => {
      const { orderId, template, notificationId, name, email } = letter;
      const to = { name, address: email };
      return mailer.send({ orderId, template, notificationId, to, ...render(letter) }, signal);
    },
  };
  return Object.fromEntries(emailTemplates.map((template) => [effectKind(template), runner]));
}

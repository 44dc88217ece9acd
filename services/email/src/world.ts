import type { EmailTemplate } from '@skald/contracts';
import type { Mail } from './mail.ts';

/** The mails that a batch touches, and which of them are not saved yet. */
export interface World {
  /** By order id and template; a mail that isn't here was not asked for. */
  readonly mails: Map<string, Mail>;
  /** Keys of `mails`. */
  readonly unsaved: Set<string>;
}

const mailKey = ({ orderId, template }: Pick<Mail, 'orderId' | 'template'>): string =>
  `${orderId}/${template}`;

export const createWorld = (mails: Iterable<Mail> = []): World => ({
  mails: new Map(Array.from(mails, (mail) => [mailKey(mail), mail])),
  unsaved: new Set(),
});

/** How an order's mail stands; `none` for one that was never asked for. */
export const mailOf = (world: World, orderId: string, template: EmailTemplate): Mail =>
  world.mails.get(mailKey({ orderId, template })) ?? { orderId, template, state: 'none' };

export function evolve(world: World, mail: Mail): void {
  const key = mailKey(mail);
  world.mails.set(key, mail);
  world.unsaved.add(key);
}

import type { CancelReason, EmailTemplate, Events, Money, OrderLine } from '@skald/contracts';

/** What every mail needs. Personal data: lives in the effect until the mail is gone, and nowhere else. */
interface Addressed {
  readonly orderId: string;
  readonly notificationId: string;
  readonly email: string;
  readonly name: string;
}

interface Contents {
  'order-confirmation': { readonly lines: readonly OrderLine[]; readonly total: Money };
  'shipment-scheduled': {
    readonly carrier: string;
    readonly trackingNumber: string;
    /** ISO 8601: 2026-01-31. */
    readonly promisedDate: string;
  };
  'order-cancelled': { readonly reason: CancelReason };
}

/** A notification that says all that its template needs. */
export type Letter<Template extends EmailTemplate = EmailTemplate> = {
  readonly [T in Template]: Addressed & { readonly template: T } & Contents[T];
}[Template];

/** The letter that a notification asks for, or undefined where it leaves out what its template needs. */
export function letterOf(notification: Events['EmailNotification']): Letter | undefined {
  const { orderId, notificationId, email, name, template } = notification;
  const addressed = { orderId, notificationId, email, name };
  if (template === 'order-confirmation') {
    const { lines, total } = notification;
    return lines === null || total === null ? undefined : { ...addressed, template, lines, total };
  }
  if (template === 'order-cancelled') {
    const { reason } = notification;
    return reason === null ? undefined : { ...addressed, template, reason };
  }
  const { carrier, trackingNumber, promisedDate } = notification;
  return carrier === null || trackingNumber === null || promisedDate === null
    ? undefined
    : { ...addressed, template, carrier, trackingNumber, promisedDate };
}

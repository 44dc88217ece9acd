import type { EmailTemplate } from '@skald/contracts';
import type { Input, Queryable, Statement } from '@skald/messaging';
import { templateOf } from './inputs.ts';
import type { Mail, MailState } from './mail.ts';
import { createWorld, type World } from './world.ts';

// Every row belongs to one order, whose key the kernel holds locked: nothing more is locked here.

// Lateral and limited, and upserts instead of updates: so the planner goes along the primary key even while it takes the
// table for tiny.

const selectMails: Statement = {
  name: 'email_select_mails',
  text: `SELECT found.* FROM unnest($1::uuid[], $2::text[]) AS wanted (order_id, template) CROSS JOIN LATERAL (
           SELECT order_id, template, notification_id, state, cause FROM mails
           WHERE order_id = wanted.order_id AND template = wanted.template ORDER BY order_id, template LIMIT 1
         ) found`,
};

const upsertMails: Statement = {
  name: 'email_upsert_mails',
  text: `INSERT INTO mails (order_id, template, notification_id, state, cause)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[])
         ON CONFLICT (order_id, template) DO UPDATE
         SET state = excluded.state, cause = excluded.cause, updated_at = excluded.updated_at`,
};

const selectMailsOfOrder: Statement = {
  name: 'email_select_mails_of_order',
  text: `SELECT template, state, cause, updated_at FROM mails WHERE order_id = $1 ORDER BY notification_id`,
};

interface MailRow {
  readonly order_id: string;
  readonly template: EmailTemplate;
  readonly notification_id: string;
  readonly state: Exclude<MailState, 'none'>;
  readonly cause: string | null;
}

/** The table's constraints see to it that a row holds what its state says it knows. */
const mailOfRow = ({ order_id, template, notification_id, state, cause }: MailRow): Mail =>
  ({
    orderId: order_id,
    template,
    state,
    notificationId: notification_id,
    ...(cause !== null && { cause }),
  }) as Mail;

export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const wanted = new Map<string, { orderId: string; template: EmailTemplate }>();
  for (const input of inputs) {
    const template = templateOf(input);
    if (template !== undefined) wanted.set(`${input.key}/${template}`, { orderId: input.key, template });
  }
  if (wanted.size === 0) return createWorld();
  const mails = [...wanted.values()];
  const rows = await db.query<MailRow>(selectMails, [
    mails.map(({ orderId }) => orderId),
    mails.map(({ template }) => template),
  ]);
  return createWorld(rows.map(mailOfRow));
}

export async function save(db: Queryable, { mails, unsaved }: World): Promise<void> {
  if (unsaved.size === 0) return;
  const changed = Array.from(unsaved, (key) => mails.get(key)).filter((mail) => mail !== undefined);
  await db.query(upsertMails, [
    changed.map(({ orderId }) => orderId),
    changed.map(({ template }) => template),
    changed.map((mail) => ('notificationId' in mail ? mail.notificationId : null)),
    changed.map(({ state }) => state),
    changed.map((mail) => ('cause' in mail ? mail.cause : null)),
  ]);
}

export interface MailReport {
  readonly template: EmailTemplate;
  readonly state: Exclude<MailState, 'none'>;
  readonly cause: string | null;
  readonly updated_at: Date;
}

/** An order's mails, in the order they were asked for. */
export const listMails = (db: Queryable, orderId: string): Promise<MailReport[]> =>
  db.query<MailReport>(selectMailsOfOrder, [orderId]);

import { createTable, DatabaseError, type Execute, type Table } from './server.ts';

/** The rows of the email service, by their statements' names: services/email/src/store.ts. */

export interface MailRow {
  readonly order_id: string;
  readonly template: string;
  readonly notification_id: string;
  readonly state: string;
  readonly cause: string | null;
}

export interface EmailTables {
  readonly mails: Table<MailRow>;
}

export const createEmailTables = (): EmailTables => ({ mails: createTable('mails') });

export const emailStatements: Readonly<Record<string, Execute<EmailTables>>> = {
  email_select_mails: (tx, { mails }, [ids, templates]: string[][]) =>
    (ids ?? []).flatMap((id, index) => tx.get(mails, `${id}/${templates?.[index]}`) ?? []),
  email_upsert_mails: (tx, { mails }, [ids, templates, notificationIds, states, causes]) => {
    ids.forEach((order_id: string, index: number) => {
      const [template, state, cause] = [templates[index], states[index], causes[index]];
      if ((state === 'unknown') !== (cause !== null)) throw new DatabaseError('23514', 'unknown_has_cause');
      const row: MailRow = { order_id, template, notification_id: notificationIds[index], state, cause };
      tx.upsert(mails, `${order_id}/${template}`, row, (there) => ({ ...there, state, cause }));
    });
    return [];
  },
};

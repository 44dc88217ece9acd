import type { EventName } from './generated/events.ts';
import { schemas } from './generated/schemas.ts';
import { fullName, type RecordSchema } from './schema.ts';

freeze(schemas);

/** An event's schema as JSON, self-contained and frozen: what is registered. */
export const schemaOf = (event: EventName): RecordSchema => schemas[event];

/** The registry's subject: the record's full name, so that one topic carries several events. */
export const subjectOf = (event: EventName): string => fullName(schemas[event]);

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
}

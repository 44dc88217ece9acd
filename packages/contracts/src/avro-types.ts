import avro, { type Type } from 'avsc';
import { schemaOf } from './event-schema.ts';
import { type EventName, eventNames } from './generated/events.ts';
import type { AnnotatedSchema, Schema } from './schema.ts';

/** The most that one amount may be, in minor units: a thousand million euro. */
export const MAX_MINOR_UNITS = 100_000_000_000;

/** A value that its logical type refuses: thrown on encode and on decode alike. */
export class ContractError extends Error {
  readonly code = 'CONTRACT';
  readonly retryable = false;
  override name = 'ContractError';
}

/** `minor-units`: a long within 0 … MAX_MINOR_UNITS, so that no sum of an order leaves the safe integers. */
class MinorUnits extends avro.types.LogicalType {
  protected override _fromValue(value: unknown): number {
    return checkMinorUnits(value);
  }

  protected override _toValue(value: unknown): number {
    return checkMinorUnits(value);
  }

  /** Avoids a second check: the writer's own type has read the value. */
  protected override _resolve(type: Type): ((value: unknown) => unknown) | undefined {
    return type instanceof MinorUnits ? (value) => value : undefined;
  }
}

function checkMinorUnits(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_MINOR_UNITS) {
    return value as number;
  }
  throw new ContractError(`${String(value)} is not an amount: 0 to ${MAX_MINOR_UNITS} whole minor units`);
}

/**
 * `one-of`: a string of a closed list. A plain string to readers who don't know it. Readers get a new member before
 * writers do, as the compatibility gate demands for everything.
 */
class OneOf extends avro.types.LogicalType {
  readonly #members: ReadonlySet<unknown>;

  constructor(schema: avro.Schema, options?: unknown) {
    super(schema, options);
    this.#members = new Set((schema as AnnotatedSchema).values);
  }

  protected override _fromValue(value: unknown): unknown {
    return this.#check(value);
  }

  protected override _toValue(value: unknown): unknown {
    return this.#check(value);
  }

  protected override _resolve(type: Type): ((value: unknown) => unknown) | undefined {
    return type instanceof OneOf ? (value) => this.#check(value) : undefined;
  }

  /**
   * Asked of every value of a nullable field, null too, to find the branch that it belongs to. Inherited, it would
   * answer no by way of an exception, whose stack costs more than the rest of the event.
   */
  protected _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: Type) => void): boolean {
    const isMember = this.#members.has(value);
    if (!isMember) hook?.(value, this);
    return isMember;
  }

  #check(value: unknown): unknown {
    if (this.#members.has(value)) return value;
    throw new ContractError(`${String(value)} is none of ${[...this.#members].join(', ')}`);
  }
}

/** The house's logical types, for avsc. Ids and timestamps stay what they are: string, and epoch ms as number. */
export const logicalTypes = { 'minor-units': MinorUnits, 'one-of': OneOf };

/** A schema's type: encodes, decodes, resolves. Compiles code, so make it once, at start. */
export function typeFor(schema: Schema): Type {
  return avro.Type.forSchema(schema as avro.Schema, { logicalTypes, wrapUnions: 'never' });
}

/** A type for every event. */
export function createTypes(): Readonly<Record<EventName, Type>> {
  return Object.fromEntries(eventNames.map((event) => [event, typeFor(schemaOf(event))])) as Record<
    EventName,
    Type
  >;
}

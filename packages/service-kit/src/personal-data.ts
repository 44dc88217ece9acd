/** Fields whose value stays in the house: personal data, and secrets. Compared without case, hyphens and underscores. */
const maskedFields = new Set(
  `email name street city postalcode address shippingaddress recipient
   password secret token apikey authorization cookie setcookie paymentmethod
   databaseurl connectionstring smtpurl`.split(/\s+/),
);

const masked = '[masked]';

/** Deeper than any honest log entry; also ends cycles. */
const maxDepth = 6;

/** A copy of what is to be logged, without personal data and secrets, and with errors as plain objects. */
export function maskPersonalData(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[too deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => maskPersonalData(item, depth + 1));
  if (hasToJson(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [field, held] of Object.entries(value)) {
    copy[field] = isMasked(field) && held != null ? masked : maskPersonalData(held, depth + 1);
  }
  return copy;
}

function isMasked(field: string): boolean {
  return maskedFields.has(field) || maskedFields.has(field.replace(/[-_]/g, '').toLowerCase());
}

function hasToJson(value: object): boolean {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/**
 * What helps to find a fault, and nothing that a driver hung on: Postgres's `detail` holds the row's values, a mail
 * server's `response` the address.
 */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const extra of ['code', 'retryable', 'status', 'severity', 'constraint', 'table', 'column'] as const) {
    const value: unknown = Reflect.get(error, extra);
    if (value !== undefined && typeof value !== 'object') fields[extra] = value;
  }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...fields,
    ...(error instanceof AggregateError && { errors: maskPersonalData(error.errors, depth + 1) }),
    ...(error.cause !== undefined && { cause: maskPersonalData(error.cause, depth + 1) }),
  };
}

const mailAddress = /[\w.+%'-]+@(?:[\w-]+\.)+[a-z]{2,}/gi;
const credentials = /:\/\/[^\s/@"\\]+@/g;

/** The last line of defence, over a whole line: addresses and credentials within messages of others. */
export function maskLine(line: string): string {
  if (!line.includes('@')) return line;
  return line.replace(credentials, `://${masked}@`).replace(mailAddress, masked);
}

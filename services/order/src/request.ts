import { z } from 'zod';
import { isCountry } from './countries.ts';
import { idempotencyKeyPattern } from './idempotency-key.ts';
import { isOrderId } from './order.ts';

/** Text for people: something in it, no control characters, nothing that isn't Unicode. */
const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^(?=.*\S)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'Must not be blank, nor contain control characters');

const item = z.strictObject({
  sku: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'Must be a SKU, like SKU-0001'),
  quantity: z.int().min(1).max(10_000).describe('Pieces'),
});

const shippingAddress = z.strictObject({
  name: text(100),
  street: text(200),
  postalCode: text(16),
  city: text(100),
  country: z.string().refine(isCountry, 'Must be a country code of ISO 3166-1 alpha-2, like DE'),
});

/** Which characters is said here; what they mean, nowhere: the shop's own system names its customers. */
export const customerId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
    'Must be 1 to 64 letters, digits, dots, colons, hyphens or underscores',
  );

export const placeOrderBody = z
  .strictObject({
    customerId: customerId.describe('As the shop calls its customer; never a mail address or a name'),
    email: z.email().max(254),
    currency: z
      .string()
      .regex(/^[A-Za-z]{3}$/, 'Must be a currency code of ISO 4217')
      .describe('EUR'),
    items: z.array(item).min(1).max(100).describe('One item a SKU'),
    shippingAddress,
    paymentMethod: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'Must be a token of the payment provider, like tok_visa')
      .describe("The payment provider's token. Never a card number"),
  })
  .meta({ id: 'PlaceOrder' });

export type PlaceOrderBody = z.infer<typeof placeOrderBody>;

export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string('Required: one value an order, the same one when you try again')
    .regex(idempotencyKeyPattern, 'Must be a string in double quotes, or 1 to 255 characters without blanks')
    .describe(
      'Made by the caller, once for each order: the same key gets the same answer for 24 hours at least',
    )
    .meta({ examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'] }),
});

export const orderPath = z.strictObject({
  orderId: z
    .string()
    .refine(isOrderId, 'Must be an order id: a UUID in lower case')
    .meta({
      description: 'As the answer to its POST names it',
      examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
    }),
});

export const statuses = ['PENDING', 'CONFIRMED', 'CANCELLED'] as const;

export const pageQuery = z.strictObject({
  status: z
    .enum(statuses)
    .optional()
    .describe('How far it is')
    .meta({ examples: ['PENDING'] }),
  customerId: customerId
    .optional()
    .describe('Whose orders')
    .meta({ examples: ['ada'] }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('Orders a page, 1 to 100')
    .meta({ examples: [20] }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/, 'Must be the nextCursor of a page before')
    .optional()
    .describe('`nextCursor` of the page before; none for the first'),
});

/** Nothing to say in a cancellation: no body, or an empty object. */
export const cancelBody = z.strictObject({}).nullish();

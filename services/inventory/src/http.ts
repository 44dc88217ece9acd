import type { Kernel } from '@skald/messaging';
import { type App, Problem } from '@skald/service-kit';
import { z } from 'zod';
import type { Stock } from './stock.ts';
import { findStock, listStock } from './store.ts';

const MAX_PAGE = 1_000;
/** Far more than any warehouse holds, far less than what loses precision. */
const MAX_ON_HAND = 1_000_000_000;

const sku = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: 'Stock keeping unit', examples: ['SKU-0501'] });
const skuPath = z.strictObject({ sku });

const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number, 1 to ${MAX_PAGE}`)
    .transform(Number)
    .pipe(z.number().max(MAX_PAGE))
    .default(100)
    .meta({ description: `SKUs a page, 1 to ${MAX_PAGE}`, examples: ['20'] }),
  cursor: z
    .string()
    .max(600)
    .regex(/^[\w-]+$/, 'must be a nextCursor of an earlier page')
    .transform((cursor) => Buffer.from(cursor, 'base64url').toString())
    .refine((after) => !after.includes('\0'), 'must be a nextCursor of an earlier page')
    .optional()
    .describe('Where the page starts: nextCursor of the one before'),
});

const countBody = z.strictObject({
  onHand: z.int().min(0).max(MAX_ON_HAND).describe('Units that can be reserved from now on'),
});

const stockAnswer = z
  .object({
    sku,
    onHand: z.int().describe('Can still be reserved'),
    reserved: z.int().describe('Promised to orders that are not confirmed yet'),
    shipped: z.int().describe('Left the house'),
  })
  .meta({ id: 'Stock' });

const pageAnswer = z
  .object({ stock: z.array(stockAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'StockPage' });

const tags = ['stock'];
const problems = { 404: 'There is no such SKU (`urn:skald:problem:unknown-sku`)' };
const examples = { delivery: { summary: 'A shelf was filled up', value: { onHand: 250 } } };

export function routes(app: App, kernel: Pick<Kernel, 'database' | 'submit'>): void {
  app.get(
    '/stock',
    {
      schema: {
        tags,
        summary: 'Stock, by SKU',
        description: 'Page by page: `nextCursor` of one is the `cursor` of the next.',
        querystring: pageQuery,
        response: { 200: pageAnswer },
      },
    },
    async (request) => {
      const { limit, cursor = '' } = request.query;
      // One more than asked for says whether there is a next page.
      const found = await listStock(kernel.database, cursor, limit + 1);
      const stock = found.slice(0, limit).map(describe);
      const last = found.length > limit ? stock.at(-1) : undefined;
      return { stock, nextCursor: last === undefined ? null : Buffer.from(last.sku).toString('base64url') };
    },
  );

  app.get(
    '/stock/:sku',
    {
      config: { docs: { problems } },
      schema: {
        tags,
        summary: 'Stock of a SKU',
        description: 'On hand, reserved and shipped are together what ever came in.',
        params: skuPath,
        response: { 200: stockAnswer },
      },
    },
    async (request) => describe(await existing(kernel, request.params.sku)),
  );

  app.put(
    '/stock/:sku',
    {
      config: { docs: { problems, examples } },
      schema: {
        tags,
        summary: 'Set what is on hand of a SKU',
        description: 'A stock count or a delivery. What is reserved or shipped stays as it is.',
        params: skuPath,
        body: countBody,
        response: { 200: stockAnswer },
      },
    },
    async (request) => {
      const { sku } = request.params;
      const { correlationId, traceparent } = request.trace;
      // A look first: a SKU that was made up shall leave no trace.
      await existing(kernel, sku);
      const data = { sku, onHand: request.body.onHand };
      const counted = await kernel.submit<Stock | null>({
        name: 'CountStock',
        key: sku,
        data,
        correlationId,
        traceparent,
      });
      if (counted === null) throw unknownSku(sku);
      return describe(counted);
    },
  );
}

async function existing({ database }: Pick<Kernel, 'database'>, sku: string): Promise<Stock> {
  const stock = await findStock(database, sku);
  if (stock === undefined) throw unknownSku(sku);
  return stock;
}

const describe = ({ sku, onHand, reserved, shipped }: Stock): z.infer<typeof stockAnswer> => ({
  sku,
  onHand,
  reserved,
  shipped,
});

const unknownSku = (sku: string): Problem =>
  new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-sku',
    title: 'Unknown SKU',
    detail: `There is no SKU ${sku}`,
  });

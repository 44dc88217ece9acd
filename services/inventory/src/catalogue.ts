import { delivered, type Stock } from './stock.ts';

/** What we sell, and for how much. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  /** Minor units of `currency`. */
  readonly unitPrice: number;
  /** ISO 4217. */
  readonly currency: string;
}

const materials: readonly (readonly [name: string, pricePercent: number])[] = [
  ['Oak', 130],
  ['Walnut', 160],
  ['Ash', 120],
  ['Birch', 95],
  ['Bamboo', 80],
  ['Brass', 175],
  ['Copper', 165],
  ['Steel', 110],
  ['Enamel', 100],
  ['Stoneware', 90],
  ['Porcelain', 140],
  ['Glass', 105],
  ['Marble', 210],
  ['Slate', 115],
  ['Cork', 70],
  ['Linen', 85],
  ['Wool', 125],
  ['Felt', 75],
  ['Leather', 180],
  ['Wicker', 65],
];

const articles: readonly (readonly [name: string, cents: number])[] = [
  ['Desk Lamp', 4990],
  ['Coaster Set', 1290],
  ['Serving Tray', 2790],
  ['Candle Holder', 1890],
  ['Wall Clock', 3990],
  ['Bookend', 2290],
  ['Letter Opener', 1490],
  ['Umbrella Stand', 5990],
  ['Fruit Bowl', 3290],
  ['Picture Frame', 1690],
  ['Plant Pot', 1990],
  ['Coat Hook', 1190],
  ['Storage Box', 2490],
  ['Side Table', 12900],
  ['Footstool', 8900],
  ['Magazine Rack', 3590],
  ['Trivet', 990],
  ['Key Rack', 1390],
  ['Mirror', 7490],
  ['Vase', 2690],
  ['Watering Can', 2990],
  ['Bread Bin', 3790],
  ['Napkin Ring Set', 1590],
  ['Pen Holder', 1790],
  ['Jewellery Box', 4290],
  ['Paper Weight', 1390],
  ['Tea Caddy', 1890],
  ['Spice Rack', 3190],
  ['Lantern', 3490],
  ['Door Stop', 1090],
  ['Laundry Basket', 4590],
  ['Toothbrush Mug', 1290],
  ['Soap Dish', 1190],
  ['Salt Cellar', 1490],
  ['Egg Cup Set', 1690],
  ['Chopping Board', 2890],
  ['Sugar Bowl', 1790],
  ['Wine Rack', 6490],
  ['Bird House', 3390],
  ['Chess Set', 8990],
  ['Desk Tidy', 2590],
  ['Stool', 9900],
  ['Bench', 24900],
  ['Shelf', 5490],
  ['Pendant Light', 11900],
  ['Floor Lamp', 14900],
  ['Card Holder', 2190],
  ['Keyring', 690],
  ['Table Runner', 3090],
  ['Doormat', 2390],
];

const unitsOnHand: Readonly<Record<string, number>> = {
  /** The last hundred, to be fought over. */
  'SKU-0999': 100,
  /** Never there. */
  'SKU-1000': 0,
};

/** The catalogue of a new house: SKU-0001 to SKU-1000, the same everywhere. */
export const catalogue: readonly Product[] = articles.flatMap(([article, cents], row) =>
  materials.map(([material, percent], column) => ({
    sku: `SKU-${String(row * materials.length + column + 1).padStart(4, '0')}`,
    name: `${material} ${article}`,
    // Prices end in 0: shops like it, and mistakes in rounding show.
    unitPrice: Math.round((cents * percent) / 1000) * 10,
    currency: 'EUR',
  })),
);

/** A million units of each, but for the two that people are meant to run out of. */
export const openingStock = ({ sku }: Product): Stock => delivered(sku, unitsOnHand[sku] ?? 1_000_000);

import { useSignal } from '@preact/signals';
import { scarceProducts } from '@skald/contracts';
import { basket, type Product, setQuantity } from './basket.ts';
import { count, money } from './format.ts';
import type { StockLevel } from './place-view.tsx';

const SHOWN = 12;
const scarce: Readonly<Record<string, string>> = scarceProducts;

/** What runs out comes first: it is what a demonstration needs, and nobody would find it among a thousand. */
function sortForDemo(products: readonly Product[]): readonly Product[] {
  const isScarce = ({ sku }: Product) => Object.hasOwn(scarce, sku);
  return [...products.filter(isScarce), ...products.filter((product) => !isScarce(product))];
}

export function CatalogueList(props: {
  readonly products: readonly Product[];
  readonly stock: ReadonlyMap<string, StockLevel>;
}) {
  const text = useSignal('');
  const page = useSignal(0);
  const words = text.value.toLowerCase().split(/\s+/);
  const found = sortForDemo(props.products).filter(({ sku, name }) => {
    const searched = `${sku} ${name}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
  const pages = Math.max(1, Math.ceil(found.length / SHOWN));
  const at = Math.min(page.value, pages - 1);
  return (
    <>
      <div class="catalogue-tools">
        <input
          type="search"
          placeholder="Name or SKU"
          aria-label="Search the catalogue"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            page.value = 0;
          }}
        />
        <span class="quiet" role="status">
          {count(found.length)} products
        </span>
        <span class="pager">
          <button
            type="button"
            aria-label="Previous page"
            disabled={at === 0}
            onClick={() => (page.value = at - 1)}
          >
            ‹
          </button>
          <span class="quiet">
            {at + 1}/{pages}
          </span>
          <button
            type="button"
            aria-label="Next page"
            disabled={at >= pages - 1}
            onClick={() => (page.value = at + 1)}
          >
            ›
          </button>
        </span>
      </div>
      <ul class="products">
        {found.slice(at * SHOWN, at * SHOWN + SHOWN).map((product) => (
          <ProductRow key={product.sku} product={product} level={props.stock.get(product.sku)} />
        ))}
      </ul>
    </>
  );
}

function ProductRow({
  product,
  level,
}: {
  readonly product: Product;
  readonly level: StockLevel | undefined;
}) {
  const { sku, name, unitPrice, currency } = product;
  const inBasket = basket.value.get(sku) ?? 0;
  return (
    <li class="product">
      <div class="product-name">
        <span>{name}</span>
        <span class="quiet">
          <code>{sku}</code>
          {scarce[sku] !== undefined && <em> {scarce[sku]}</em>}
        </span>
      </div>
      <StockFigure level={level} />
      <span class="product-price">{money(unitPrice, currency)}</span>
      <button
        type="button"
        class="add"
        aria-label={`Add ${name}, ${sku}, to the basket`}
        onClick={() => setQuantity(sku, inBasket + 1)}
      >
        Add
        {inBasket > 0 && <span class="in-basket">{inBasket}</span>}
      </button>
    </li>
  );
}

function StockFigure({ level }: { readonly level: StockLevel | undefined }) {
  if (level === undefined) return <span class="stock quiet">–</span>;
  const { onHand, reserved, shipped } = level;
  return (
    <span
      class={`stock ${onHand === 0 ? 'stock-none' : ''}`}
      title={`${reserved} reserved, ${shipped} shipped`}
    >
      {onHand === 0 ? 'none' : count(onHand)} <span class="quiet">on hand</span>
    </span>
  );
}

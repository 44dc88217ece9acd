import { count } from './format.ts';
import { type DetailField, hasDetails, type OrderSearch } from './order-search.ts';
import type { Facets } from './orders-of-view.ts';
import { Choice } from './parts.tsx';
import { linkTo } from './route.ts';

const statuses = ['all', 'PENDING', 'CONFIRMED', 'CANCELLED'] as const;
const statusNames: Readonly<Record<OrderSearch['status'], string>> = {
  all: 'All',
  PENDING: 'In flight',
  CONFIRMED: 'Confirmed',
  CANCELLED: 'Cancelled',
};

interface Props {
  readonly search: OrderSearch;
  /** Of what was found last; null where nobody counts. */
  readonly facets: Facets | null;
  readonly onChange: (change: Partial<OrderSearch>) => void;
}

const isOrderId = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);

export function OrderSearchForm({ search, facets, onChange }: Props) {
  const open = (event: Event) => {
    event.preventDefault();
    const wanted = search.text.trim().toLowerCase();
    if (isOrderId(wanted)) location.hash = linkTo('watch', wanted);
  };
  return (
    <search>
      <form class="list-tools" onSubmit={open}>
        <Choice
          label="Which orders"
          values={statuses}
          chosen={search.status}
          nameOf={(name) => statusNames[name]}
          countOf={(name) => countOf(facets, name)}
          onChoose={(status) => onChange({ status })}
        />
        <input
          type="search"
          placeholder="Words of a product, or an order id"
          aria-label="Words of a product, or the beginning of an order id; Enter opens an order by its whole id"
          maxLength={200}
          value={search.text}
          onInput={({ currentTarget }) => onChange({ text: currentTarget.value })}
        />
        <WaitsForChoice search={search} facets={facets} onChange={onChange} />
        <details open={hasDetails(search)}>
          <summary>Customer, SKU, amount, date</summary>
          <Details search={search} facets={facets} onChange={onChange} />
        </details>
        {/* With several fields, Enter submits only where there is a button for it. */}
        <button type="submit" hidden>
          Open the order
        </button>
      </form>
    </search>
  );
}

function countOf(facets: Facets | null, name: OrderSearch['status']): string | undefined {
  if (facets === null) return undefined;
  const found = name === 'all' ? facets.total : (facets.status[name] ?? 0);
  return facets.isWhole ? count(found) : `${count(found)}+`;
}

/** Only where something waits, or was asked for: in a quiet system nothing does. */
function WaitsForChoice({ search: { waitsFor }, facets, onChange }: Props) {
  const counts = facets?.waitsFor ?? {};
  const services = [...new Set([...Object.keys(counts), ...(waitsFor === '' ? [] : [waitsFor])])].sort();
  if (services.length === 0) return null;
  return (
    <select
      aria-label="Whose step they wait for"
      value={waitsFor}
      onChange={({ currentTarget }) => onChange({ waitsFor: currentTarget.value })}
    >
      <option value="">waits for anybody, or nobody</option>
      {services.map((service) => (
        <option key={service} value={service}>
          waits for {service} ({counts[service] ?? 0})
        </option>
      ))}
    </select>
  );
}

const fields: readonly (readonly [name: DetailField, label: string, type: 'text' | 'number' | 'date'])[] = [
  ['customerId', 'customerId', 'text'],
  ['sku', 'sku', 'text'],
  ['minAmount', 'total from', 'number'],
  ['maxAmount', 'total to', 'number'],
  ['from', 'placed from', 'date'],
  ['to', 'placed to', 'date'],
];

function Details({ search, facets, onChange }: Props) {
  return (
    <div class="search-details">
      {fields.map(([name, label, type]) => (
        <label key={name}>
          {label}
          <input
            type={type}
            value={search[name]}
            {...(type === 'number' && { min: 0, step: 0.01, inputMode: 'decimal' })}
            {...(type === 'text' && { maxLength: 200, spellcheck: false })}
            {...(name === 'sku' && { list: 'skus-found' })}
            onInput={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
          />
        </label>
      ))}
      <datalist id="skus-found">
        {Object.entries(facets?.sku ?? {}).map(([sku, orders]) => (
          <option key={sku} value={sku}>
            {orders} orders
          </option>
        ))}
      </datalist>
    </div>
  );
}

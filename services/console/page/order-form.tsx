import { useSignal } from '@preact/signals';
import {
  addressTitle,
  basket,
  customer,
  MAX_QUANTITY,
  orderRequest,
  paymentMethod,
  placeOrder,
  productOf,
  setQuantity,
  total,
} from './basket.ts';
import { BurstPanel } from './burst-panel.tsx';
import { money } from './format.ts';
import { Panel, ProblemNote } from './parts.tsx';
import { addPlaced } from './placed-orders.tsx';
import { addresses, cards } from './scenarios.ts';

export function OrderForm() {
  const problem = useSignal<unknown>(undefined);
  const isUnderWay = useSignal(false);
  const isEmpty = basket.value.size === 0;
  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    isUnderWay.value = true;
    const placedAt = Date.now();
    try {
      addPlaced(await placeOrder(orderRequest()), placedAt);
    } catch (error) {
      problem.value = error;
    }
    isUnderWay.value = false;
  };
  return (
    <Panel title="Order">
      <form class="order-form" onSubmit={(event) => void submit(event)}>
        <BasketLines />
        <Options
          legend="Payment method"
          name="paymentMethod"
          chosen={paymentMethod.value}
          options={cards.map((card) => ({ value: card.paymentMethod, ...card }))}
          onChoose={(value) => {
            paymentMethod.value = value;
          }}
        />
        <Options
          legend="Shipping address"
          name="shippingAddress"
          chosen={addressTitle.value}
          options={addresses.map((address) => ({ value: address.title, ...address }))}
          onChoose={(value) => {
            addressTitle.value = value;
          }}
        />
        <CustomerFields />
        <ProblemNote error={problem.value} />
        <button type="submit" class="primary" disabled={isEmpty || isUnderWay.value}>
          {isEmpty ? 'Place order' : `Place order · ${money(total.value, 'EUR')}`}
        </button>
      </form>
      <BurstPanel isEmpty={isEmpty} />
    </Panel>
  );
}

function BasketLines() {
  if (basket.value.size === 0)
    return <p class="empty">The basket is empty: add something from the catalogue.</p>;
  return (
    <ul class="basket" aria-label="Basket">
      {[...basket.value].map(([sku, quantity]) => {
        const product = productOf.value.get(sku);
        return (
          <li key={sku}>
            <span class="basket-name">{product?.name ?? sku}</span>
            <input
              type="number"
              min={1}
              max={MAX_QUANTITY}
              value={quantity}
              aria-label={`Quantity of ${product?.name ?? sku}`}
              onChange={({ currentTarget }) => setQuantity(sku, currentTarget.valueAsNumber)}
            />
            <span class="basket-price">
              {product !== undefined && money(product.unitPrice * quantity, product.currency)}
            </span>
            <button
              type="button"
              class="minor"
              aria-label={`Remove ${product?.name ?? sku}`}
              onClick={() => setQuantity(sku, 0)}
            >
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface Option {
  readonly value: string;
  readonly does: string;
  readonly ends: 'CONFIRMED' | 'CANCELLED';
}

function Options(props: {
  readonly legend: string;
  readonly name: string;
  readonly chosen: string;
  readonly options: readonly Option[];
  readonly onChoose: (value: string) => void;
}) {
  return (
    <fieldset class="options">
      <legend>{props.legend}</legend>
      {props.options.map(({ value, does, ends }) => (
        <label key={value} class={`option option-${ends.toLowerCase()}`}>
          <input
            type="radio"
            name={props.name}
            value={value}
            checked={value === props.chosen}
            onChange={() => props.onChoose(value)}
          />
          <span class="option-value">{value}</span>
          <span class="quiet">{does}</span>
        </label>
      ))}
    </fieldset>
  );
}

function CustomerFields() {
  const set = (field: 'customerId' | 'email') => (event: { currentTarget: HTMLInputElement }) => {
    customer.value = { ...customer.value, [field]: event.currentTarget.value };
  };
  return (
    <div class="customer">
      <label>
        customerId
        <input value={customer.value.customerId} onInput={set('customerId')} autocomplete="off" />
      </label>
      <label>
        email
        <input
          type="text"
          inputMode="email"
          value={customer.value.email}
          onInput={set('email')}
          autocomplete="off"
        />
      </label>
    </div>
  );
}

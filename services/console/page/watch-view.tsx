import { OrderList } from './order-list.tsx';
import { OrderPanel } from './order-panel.tsx';
import { route } from './route.ts';

export function WatchView() {
  const [orderId] = route.value.of;
  return (
    <>
      <OrderList chosen={orderId} />
      {orderId === undefined ? <NothingChosen /> : <OrderPanel key={orderId} orderId={orderId} />}
    </>
  );
}

const NothingChosen = () => (
  <section class="panel nothing" aria-label="No order chosen">
    <p>Choose an order to see its saga, lane by lane.</p>
  </section>
);

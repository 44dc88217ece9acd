export function OperateView() {
  return <p>…</p>;
}

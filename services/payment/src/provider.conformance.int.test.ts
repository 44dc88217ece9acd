import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChargeAnswer, ChargeOrder, Provider } from './provider.ts';
import { createProviderClient } from './provider-client.ts';
import { createInsideProvider } from './provider-inside.ts';
import { type Charge, chargesOf } from './simulator.ts';
import { createSimulatorApp } from './simulator-http.ts';
import { createTeller, type Teller } from './teller.ts';

// What every provider must do, whatever is between it and us.

interface Setting {
  readonly provider: Provider;
  readonly teller: Teller;
  stop(): Promise<void>;
}

const timeoutMs = 1_000;
const delays = { slowMs: 30, lateMs: 60_000 };

function inside(): Promise<Setting> {
  const teller = createTeller(delays);
  return Promise.resolve({ provider: createInsideProvider(teller, timeoutMs), teller, stop: async () => {} });
}

async function byHttp(): Promise<Setting> {
  const teller = createTeller(delays);
  const stopping = new AbortController();
  const app = createSimulatorApp(teller, stopping.signal);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const provider = createProviderClient({ url: `http://127.0.0.1:${port}`, timeoutMs });
  return {
    provider,
    teller,
    async stop() {
      await provider.close();
      stopping.abort();
      await app.close();
    },
  };
}

const isTransient = expect.objectContaining({ name: 'TransientError', retryable: true }) as unknown;
const patient = new AbortController().signal;

describe.each([
  { way: 'inside', open: inside },
  { way: 'by HTTP', open: byHttp },
])('a provider, $way', ({ open }) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await open();
  });
  afterAll(() => setting.stop());

  const newOrder = (paymentMethod: string): ChargeOrder => ({
    orderId: randomUUID(),
    amount: { amount: 4_990, currency: 'EUR' },
    paymentMethod,
  });
  const keyOf = ({ orderId }: ChargeOrder) => `${orderId}/charge`;
  const charge = (order: ChargeOrder, signal = patient) =>
    setting.provider.charge(keyOf(order), order, signal);
  const ledgerOf = ({ orderId }: ChargeOrder): Charge[] =>
    chargesOf(setting.teller.ledger, orderId, 'succeeded');
  const refund = (order: ChargeOrder, chargeId: string, amount = order.amount) =>
    setting.provider.refund(`${order.orderId}/refund`, { orderId: order.orderId, chargeId, amount }, patient);

  async function charged(order: ChargeOrder): Promise<string> {
    const answer = await charge(order);
    if (answer.status !== 'charged') throw new Error(`Declined: ${answer.code}`);
    return answer.chargeId;
  }

  it('charges', async () => {
    const order = newOrder('tok_visa');
    const chargeId = await charged(order);
    expect(ledgerOf(order)).toEqual([
      { chargeId, orderId: order.orderId, ...order.amount, status: 'succeeded', refundedAmount: 0 },
    ]);
  });

  it('charges nothing where nothing is due', async () => {
    const free = { ...newOrder('tok_visa'), amount: { amount: 0, currency: 'EUR' } };
    expect(await charge(free)).toMatchObject({ status: 'charged' });
  });

  it.each<[string, ChargeAnswer]>([
    ['tok_chargeDeclined', { status: 'declined', code: 'card_declined' }],
    ['tok_insufficientFunds', { status: 'declined', code: 'insufficient_funds' }],
    ['tok_nonsense', { status: 'declined', code: 'invalid_payment_method' }],
  ])('declines %s, which is an answer, and says so again', async (paymentMethod, declined) => {
    const order = newOrder(paymentMethod);
    expect(await charge(order)).toEqual(declined);
    expect(await charge(order)).toEqual(declined);
    expect(ledgerOf(order)).toEqual([]);
  });

  it('answers the same key the same, and charges once, also when asked at once', async () => {
    const order = newOrder('tok_visa');
    const answers = await Promise.all([charge(order), charge(order), charge(order)]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(ledgerOf(order)).toHaveLength(1);
  });

  it('is asked again after an error of its own, until it works', async () => {
    const order = newOrder('tok_processingError');
    await expect(charge(order)).rejects.toEqual(isTransient);
    await expect(charge(order)).rejects.toEqual(isTransient);
    await charged(order);
    expect(ledgerOf(order)).toHaveLength(1);
  });

  it('may have charged when it did not answer in time, and says so when asked again', async () => {
    const order = newOrder('tok_timeout');
    await expect(charge(order)).rejects.toEqual(isTransient);
    expect(ledgerOf(order)).toHaveLength(1);
    expect(ledgerOf(order)).toMatchObject([{ chargeId: await charged(order) }]);
  });

  it('is waited for while it is slow', async () => {
    const order = newOrder('tok_slow');
    const chargeId = await charged(order);
    expect(ledgerOf(order)).toMatchObject([{ chargeId }]);
  });

  it('is not waited for by a caller that stops', async () => {
    const stopping = new AbortController();
    const answer = charge(newOrder('tok_timeout'), stopping.signal);
    stopping.abort();
    await expect(answer).rejects.toEqual(isTransient);
  });

  it('takes another charge under the same key for an error, not for an answer', async () => {
    const order = newOrder('tok_visa');
    await charged(order);
    await expect(charge({ ...order, amount: { amount: 1, currency: 'EUR' } })).rejects.toEqual(isTransient);
    expect(ledgerOf(order)).toHaveLength(1);
  });

  it('refunds once for each key', async () => {
    const order = newOrder('tok_visa');
    const chargeId = await charged(order);
    const [first, second] = [await refund(order, chargeId), await refund(order, chargeId)];
    expect(first).toEqual({ refundId: expect.any(String) });
    expect(second).toEqual(first);
    expect(ledgerOf(order)).toMatchObject([{ refundedAmount: 4_990 }]);
  });

  it('refunds late and after errors like it charged', async () => {
    const late = newOrder('tok_timeout');
    await expect(charge(late)).rejects.toEqual(isTransient);
    const chargeId = await charged(late);
    await expect(refund(late, chargeId)).rejects.toEqual(isTransient);
    await refund(late, chargeId);
    expect(ledgerOf(late)).toMatchObject([{ refundedAmount: 4_990 }]);
  });

  it('is asked again for a refund that it refuses: the money is still owed', async () => {
    const order = newOrder('tok_visa');
    await expect(refund(order, 'nonsense')).rejects.toEqual(isTransient);
    const chargeId = await charged(order);
    await expect(refund(order, chargeId, { amount: 4_991, currency: 'EUR' })).rejects.toEqual(isTransient);
    expect(ledgerOf(order)).toMatchObject([{ refundedAmount: 0 }]);
  });
});

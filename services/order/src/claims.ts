import type { Input, Queryable, Statement } from '@skald/messaging';
import { isPlaceOrder } from './saga.ts';
import { type Claim, claimId } from './world.ts';

const claimKeys: Statement = {
  name: 'order-claim-keys',
  // Sorted, so that two instances that claim the same keys wait for each other instead of dying of a deadlock.
  text: `INSERT INTO idempotency_keys (caller, key, fingerprint, order_id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS t (caller, key, fingerprint, order_id)
    ORDER BY caller, key
    ON CONFLICT (caller, key) DO NOTHING
    RETURNING caller, key, fingerprint, order_id`,
};

const readClaims: Statement = {
  name: 'order-read-claims',
  text: `SELECT caller, key, fingerprint, order_id FROM idempotency_keys
    WHERE (caller, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
};

const forgetKeys: Statement = {
  name: 'order-forget-keys',
  text: `DELETE FROM idempotency_keys WHERE (caller, key) IN (
      SELECT caller, key FROM idempotency_keys WHERE created_at < now() - interval '25 hours'
      ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING 1`,
};

interface ClaimRow {
  readonly caller: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly order_id: string;
}

/**
 * Claim the Idempotency-Keys of a batch's new orders. A key that another instance is claiming right now is waited for.
 * Of several inputs with one key the first claims it.
 */
export async function claim(db: Queryable, inputs: readonly Input[]): Promise<Map<string, Claim>> {
  const wanted = new Map<string, ClaimRow>();
  for (const input of inputs) {
    if (!isPlaceOrder(input)) continue;
    const { customerId: caller, idempotencyKey: key, fingerprint } = input.data;
    const id = claimId(caller, key);
    if (!wanted.has(id)) wanted.set(id, { caller, key, fingerprint, order_id: input.key });
  }
  const claims = new Map<string, Claim>();
  if (wanted.size === 0) return claims;
  const rows = [...wanted.values()];
  note(
    claims,
    await db.query<ClaimRow>(claimKeys, [...keysOf(rows), rows.map(fingerprint), rows.map(orderId)]),
    true,
  );
  const taken = rows.filter(({ caller, key }) => !claims.has(claimId(caller, key)));
  if (taken.length > 0) note(claims, await db.query<ClaimRow>(readClaims, keysOf(taken)), false);
  return claims;
}

const fingerprint = (row: ClaimRow): string => row.fingerprint;
const orderId = (row: ClaimRow): string => row.order_id;
const keysOf = (rows: readonly ClaimRow[]): string[][] => [
  rows.map((row) => row.caller),
  rows.map((row) => row.key),
];

function note(claims: Map<string, Claim>, rows: readonly ClaimRow[], fresh: boolean): void {
  for (const { caller, key, fingerprint, order_id } of rows) {
    claims.set(claimId(caller, key), { orderId: order_id, fingerprint, fresh });
  }
}

/** Forget keys older than a day and an hour, so many at a time. @returns how many were forgotten. */
export async function forgetOldKeys(db: Queryable, limit: number): Promise<number> {
  return (await db.query(forgetKeys, [limit])).length;
}

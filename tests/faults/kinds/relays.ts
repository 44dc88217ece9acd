import { type ServiceName, topics } from '@skald/contracts';
import { eventually, send } from '@skald/testkit';
import pg from 'pg';
import { addSeen, type FaultKind, type Field, type Seen } from '../fault.ts';
import { withReader } from '../reading.ts';
import { untilReady } from '../recovery.ts';
import { brokersOf, instancesOf, killAndAwait } from './kills.ts';

const topicsBy = (service: ServiceName): string[] =>
  Object.values(topics)
    .filter(({ writer }) => writer === service)
    .map(({ name }) => name);

/** The instance that relays the service's outbox. */
const holderOf = ({ stack }: Field, service: ServiceName): Promise<string> =>
  eventually(
    async () => {
      for (const name of instancesOf(service)) {
        const metrics = await send(`${stack.addresses.services[name]}/metrics`).catch(() => undefined);
        if (/^messaging_relay_active(?:\{[^}]*\})? 1$/m.test(metrics?.text ?? '')) return name;
      }
      return undefined;
    },
    { timeoutMs: PATIENCE_MS, what: `an instance of ${service} relays` },
  );

const PATIENCE_MS = 120_000;

const epochOf = async ({ databases }: Field, service: ServiceName): Promise<number> => {
  const [row] = await databases.query<{ epoch: number }>(service, 'SELECT epoch FROM messaging.relay');
  return row?.epoch ?? 0;
};

/** How often the lease has gone to another since. */
const takenOverSince = (field: Field, service: ServiceName, before: number): Promise<number> =>
  eventually(async () => (await epochOf(field, service)) - before || undefined, {
    timeoutMs: PATIENCE_MS,
    what: `another instance of ${service} relays`,
  });

export const killRelay: FaultKind = {
  name: 'kill -9 of the relay’s holder',
  family: 'process',
  targets: ({ services }) => services,
  fire(field, { target }) {
    const service = target as ServiceName;
    return field.locks.hold([...instancesOf(service), 'postgres'], async () => {
      const holder = await holderOf(field, service);
      const before = await epochOf(field, service);
      const killed = await killAndAwait(field, [holder]);
      return addSeen(killed, { 'relays taken over': await takenOverSince(field, service, before) });
    });
  },
};

/** The relay is kept from marking what it publishes, and dies when something is on the topic. */
export const killBeforeMark: FaultKind = {
  name: 'kill -9 between publish and mark',
  family: 'process',
  targets: ({ services }) => services,
  fire(field, { target }) {
    const service = target as ServiceName;
    const names = [...instancesOf(service), 'postgres', ...brokersOf(field)];
    return field.locks.hold(names, async () => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const seen = await killUnmarked(field, service);
        if (seen !== undefined) return seen;
      }
      return {};
    });
  },
};

/** Nothing may come just now: then once more. */
const ATTEMPTS = 20;
/** The lease is renewed with the mark: later than this the holder gives it up by itself, ms. */
const UNMARKED_MS = 3_000;

async function killUnmarked(field: Field, service: ServiceName): Promise<Seen | undefined> {
  const holder = await holderOf(field, service);
  const release = await holdMark(field, service);
  try {
    return await withReader(field.stack.addresses, async (reader) => {
      const count = async () =>
        (await reader.ends(topicsBy(service))).reduce((total, { end }) => total + end, 0);
      let before: number | undefined;
      const published = await eventually(
        async () => {
          const now = await count();
          before ??= now;
          return now - before || undefined;
        },
        { timeoutMs: UNMARKED_MS, what: `${service} publishes` },
      ).catch(() => undefined);
      if (published === undefined) return undefined;
      const exit = await field.stack.kill(holder);
      field.atRest(killBeforeMark.name, () => countTwice(field, service));
      await release();
      await untilReady(field, [holder]);
      const killed = exit?.signal === 'SIGKILL' ? 1 : 0;
      return { 'processes ended by SIGKILL': killed, 'records published and not marked': published };
    });
  } finally {
    await release();
  }
}

/** Keeps the relay from marking what it has published. Ends what waits for the mark, then lets go. */
async function holdMark({ stack }: Field, service: ServiceName): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: stack.addresses.postgres[service] });
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN; SELECT FROM messaging.relay FOR UPDATE');
  let isHeld = true;
  return async () => {
    if (!isHeld) return;
    isHeld = false;
    const administrator = new pg.Client({ connectionString: stack.administratorUrl });
    await administrator.connect();
    // The dead process's statement would still be carried out as soon as the lock is gone.
    await administrator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
      [service],
    );
    await administrator.end();
    await client.end();
  };
}

async function countTwice({ stack }: Field, service: ServiceName): Promise<Seen> {
  return await withReader(stack.addresses, async (reader) => {
    const ids = (await reader.read(topicsBy(service))).map(({ headers }) => headers['ce_id']);
    return { 'records on the topics again': ids.length - new Set(ids).size };
  });
}

import { serviceNames } from '@skald/contracts';
import { parseMetrics, type Sample } from './prometheus-text.ts';
import type { ServiceUrls } from './service-urls.ts';
import { type AuditVerdict, createVerdictReader } from './verdict.ts';

/** How a service is, from its own `/readyz` and `/metrics`. */
export interface ServiceVitals {
  readonly service: string;
  /** `unknown`: SERVICE_URLS holds no address of it. */
  readonly state: 'ready' | 'not ready' | 'away' | 'unknown';
  readonly checks: readonly { readonly name: string; readonly ready: boolean; readonly detail?: string }[];
  /** What only a service on the kernel has. */
  readonly group: GroupVitals | null;
}

export interface GroupVitals {
  /** Records not yet taken in, by topic. */
  readonly lag: Readonly<Record<string, number>>;
  /** Messages taken in a second since the look before; null at the first. */
  readonly perSecond: number | null;
  readonly publishedPerSecond: number | null;
  readonly outboxDepth: number;
  /** Seconds; null where the service doesn't say. */
  readonly outboxOldestSeconds: number | null;
  readonly isRelayActive: boolean;
  readonly isHalted: boolean;
  readonly parkedMessages: number;
  readonly parkedOldestSeconds: number;
  readonly effectsOpen: number;
}

export interface Vitals {
  /** Epoch ms. */
  readonly at: number;
  readonly services: readonly ServiceVitals[];
  readonly deadLettersOpen: number | null;
  /** Null where no auditor is configured. */
  readonly audit: AuditVerdict | null;
}

export interface VitalsReader {
  /** Looked up at most every two seconds, and only when somebody asks. */
  read(): Promise<Vitals>;
}

const FRESH_MS = 2_000;
const PATIENCE_MS = 2_500;

interface Counted {
  readonly at: number;
  readonly messages: number;
  readonly published: number;
}

export function createVitalsReader(urls: ServiceUrls, auditorUrl: string | undefined): VitalsReader {
  const counted = new Map<string, Counted>();
  const readVerdict = createVerdictReader(auditorUrl, PATIENCE_MS);
  const names = [...new Set([...serviceNames, ...Object.keys(urls)])];
  let last: { at: number; vitals: Promise<Vitals> } | undefined;

  async function look(service: string): Promise<{ vitals: ServiceVitals; samples: readonly Sample[] }> {
    const url = urls[service];
    const none = { service, checks: [], group: null };
    if (url === undefined) return { vitals: { ...none, state: 'unknown' }, samples: [] };
    try {
      const [ready, metrics] = await Promise.all([ask(`${url}/readyz`), ask(`${url}/metrics`)]);
      const samples = parseMetrics(await metrics.text());
      const { checks = [] } = (await ready.json()) as { checks?: ServiceVitals['checks'] };
      const isGroup = samples.some(({ name }) => name === 'messaging_outbox_depth');
      const group = isGroup ? groupOf(samples, counted.get(service)) : null;
      counted.set(service, countOf(samples));
      return { vitals: { service, state: ready.ok ? 'ready' : 'not ready', checks, group }, samples };
    } catch {
      return { vitals: { ...none, state: 'away' }, samples: [] };
    }
  }

  async function gather(): Promise<Vitals> {
    const [looks, audit] = await Promise.all([Promise.all(names.map(look)), readVerdict()]);
    const open = looks.flatMap(({ samples }) => samples).filter(({ name }) => name === 'dead_letters_open');
    const isKnown = looks.some(({ vitals }) => vitals.service === 'dead-letters' && vitals.state === 'ready');
    return {
      at: Date.now(),
      services: looks.map(({ vitals }) => vitals),
      deadLettersOpen: isKnown ? sum(open) : null,
      audit,
    };
  }

  return {
    read() {
      if (last === undefined || last.at < Date.now() - FRESH_MS) last = { at: Date.now(), vitals: gather() };
      return last.vitals;
    },
  };
}

const ask = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

function countOf(samples: readonly Sample[]): Counted {
  const of = (wanted: string) => sum(samples.filter(({ name }) => name === wanted));
  return {
    at: Date.now(),
    messages: of('messaging_messages_total'),
    published: of('messaging_outbox_published_total'),
  };
}

function groupOf(samples: readonly Sample[], before: Counted | undefined): GroupVitals {
  const now = countOf(samples);
  const one = (wanted: string) => samples.find(({ name }) => name === wanted)?.value;
  /** A counter that has gone back belongs to another process. */
  const rate = (field: 'messages' | 'published') =>
    before === undefined || now[field] < before[field]
      ? null
      : (now[field] - before[field]) / Math.max(0.001, (now.at - before.at) / 1_000);
  const lag: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    const { topic } = labels;
    if (name === 'messaging_consumer_lag' && topic !== undefined) lag[topic] = (lag[topic] ?? 0) + value;
  }
  return {
    lag,
    perSecond: rate('messages'),
    publishedPerSecond: rate('published'),
    outboxDepth: one('messaging_outbox_depth') ?? 0,
    outboxOldestSeconds: one('messaging_outbox_oldest_seconds') ?? null,
    isRelayActive: one('messaging_relay_active') === 1,
    isHalted: one('messaging_consumer_halted') === 1,
    parkedMessages: one('messaging_parked_messages') ?? 0,
    parkedOldestSeconds: one('messaging_parked_oldest_seconds') ?? 0,
    effectsOpen: one('messaging_effects_open') ?? 0,
  };
}

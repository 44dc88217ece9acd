import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface AdmissionLimits {
  /** Requests at once. */
  readonly maxInFlight: number;
  /** Ms that a turn of the event loop may take. */
  readonly maxEventLoopDelay: number;
}

export type Refusal = 'stopping' | 'in-flight' | 'event-loop';

/** Who is let in. A request that can't be served in time is told so at once, which costs far less than to serve it late. */
export interface Admission {
  /** Counts the request in, or says why not. Each one that is let in must `leave`. */
  enter(): Refusal | undefined;
  leave(this: void): void;
  /** From now on nobody is let in. Resolves when the last one has left. */
  close(): Promise<void>;
  readonly isClosed: boolean;
  readonly inFlight: number;
}

export function createAdmission(limits: AdmissionLimits, metrics: Registry): Admission {
  const loop = createLoopProbe();
  const refused = new Counter({
    name: 'http_server_requests_refused_total',
    help: 'Requests answered with 503 before they were looked at',
    labelNames: ['cause'] as const,
    registers: [metrics],
  });
  let inFlight = 0;
  let isClosed = false;
  let emptied = () => {};

  new Gauge({
    name: 'http_server_requests_in_flight',
    help: 'Requests that are being served',
    registers: [metrics],
    collect() {
      this.set(inFlight);
    },
  });

  function refusal(): Refusal | undefined {
    if (isClosed) return 'stopping';
    if (inFlight >= limits.maxInFlight) return 'in-flight';
    return loop.delay() > limits.maxEventLoopDelay ? 'event-loop' : undefined;
  }

  return {
    enter() {
      const cause = refusal();
      if (cause === undefined) inFlight += 1;
      else refused.inc({ cause });
      return cause;
    },
    leave() {
      inFlight -= 1;
      if (inFlight === 0) emptied();
    },
    close() {
      isClosed = true;
      return new Promise((resolve) => {
        emptied = resolve;
        if (inFlight === 0) resolve();
      });
    },
    get isClosed() {
      return isClosed;
    },
    get inFlight() {
      return inFlight;
    },
  };
}

/** Ms between two measurements, and how long one counts. */
const probeInterval = 50;
const probeAge = 1_000;

/**
 * Measures what a turn of the event loop takes, between two of its check phases, and only when asked: a timer that
 * watches all the time would keep an idle process awake.
 */
function createLoopProbe() {
  let measuredAt = 0;
  let delay = 0;
  let isMeasuring = false;

  function measure(): void {
    isMeasuring = true;
    setImmediate(() => {
      const start = performance.now();
      setImmediate(() => {
        measuredAt = performance.now();
        delay = measuredAt - start;
        isMeasuring = false;
      });
    });
  }

  return {
    /** Ms of the last turn measured; 0 when that is long ago. */
    delay(): number {
      const age = performance.now() - measuredAt;
      if (!isMeasuring && age > probeInterval) measure();
      return age > probeAge ? 0 : delay;
    },
  };
}

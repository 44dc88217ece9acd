import { connect, type Socket } from 'node:net';
import { createCommitWatch, createOutcomeWatch } from './postgres-wire.ts';
import type { ProxyCounts, ProxyMode } from './proxy.ts';

/** One connection through a proxy: the client's half, and the half to what stands behind. */
export interface Link {
  /** Begins, or goes on after it was held. */
  flow(): void;
  /** Nothing is read any more, in either direction. */
  hold(): void;
  reset(): void;
}

export interface LinkOptions {
  /** Paused. */
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly isPostgres: boolean;
  readonly counts: ProxyCounts;
  mode(): ProxyMode;
  onClosed(): void;
}

export function createLink(options: LinkOptions): Link {
  const { client, counts, mode } = options;
  let server: Socket | undefined;
  let isOver = false;
  /** A COMMIT is on its way: what the server answers is kept back until it is known to be carried out. */
  let isAwaited = false;
  let answers: Buffer[] = [];

  const watchClient = createCommitWatch(() => {
    if (mode().kind === 'cut before the commit’s answer') isAwaited = true;
  });
  const watchServer = createOutcomeWatch((outcome) => {
    if (!isAwaited) return;
    // One that failed has an answer that nobody need fear.
    isAwaited = false;
    if (outcome === 'ROLLBACK') return;
    counts.commitsCut += 1;
    reset();
  });

  const toServer = createLane(options, () => server);
  const toClient = createLane(options, () => client);

  function begin(): void {
    const { target, isPostgres } = options;
    const opened = connect({ ...target, noDelay: true });
    server = opened;
    let hasLost = false;
    const lose = () => {
      if (!isOver && !hasLost) counts.lost += 1;
      hasLost = true;
    };
    opened.on('error', lose);
    opened.on('end', lose);
    opened.on('close', () => toClient.end());
    opened.on('data', (chunk) => {
      if (isPostgres) watchServer(chunk);
      if (isOver) return;
      answers.push(chunk);
      // The fault is over: nobody is cut any more.
      if (mode().kind !== 'cut before the commit’s answer') isAwaited = false;
      if (isAwaited) return;
      for (const answer of answers) toClient.pass(answer, opened);
      answers = [];
    });
    client.on('data', (chunk) => {
      if (isPostgres) watchClient(chunk);
      toServer.pass(chunk, client);
    });
  }

  function reset(): void {
    close();
    client.resetAndDestroy();
    server?.resetAndDestroy();
  }

  function close(): void {
    if (isOver) return;
    isOver = true;
    options.onClosed();
  }

  client.on('error', () => {});
  client.on('close', () => {
    close();
    toServer.end();
  });
  return {
    flow() {
      counts.bytesHeld += client.readableLength + (server?.readableLength ?? 0);
      if (server === undefined) begin();
      client.resume();
      server?.resume();
    },
    hold() {
      client.pause();
      server?.pause();
    },
    reset,
  };
}

/** One direction: packets in order, each as late as the mode says; a reader that is slow slows the sender down. */
function createLane({ counts, mode }: LinkOptions, to: () => Socket | undefined) {
  let waiting = 0;
  let line: Promise<void> = Promise.resolve();

  const write = (chunk: Buffer, from: Socket) => {
    const target = to();
    if (target === undefined || target.destroyed) return;
    if (target.write(chunk) || mode().kind === 'black hole') return;
    from.pause();
    target.once('drain', () => {
      if (mode().kind !== 'black hole') from.resume();
    });
  };
  const later = (ms: number, act: () => void) => {
    const due = performance.now() + ms;
    waiting += 1;
    line = line
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, due - performance.now()))))
      .then(() => {
        waiting -= 1;
        act();
      });
  };
  return {
    pass(chunk: Buffer, from: Socket): void {
      const current = mode();
      if (current.kind === 'latency') counts.delayed += 1;
      if (current.kind === 'latency' || waiting > 0)
        later(current.kind === 'latency' ? current.ms : 0, () => write(chunk, from));
      else write(chunk, from);
    },
    /** The sender has gone: so does the receiver, once it has got all. */
    end(): void {
      const target = to();
      if (target === undefined) return;
      if (waiting > 0) later(0, () => target.destroySoon());
      else target.destroySoon();
    },
  };
}

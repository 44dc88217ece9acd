/**
 * The load generator: a process of its own, so that its CPU can be told from the contender's. Commands come and
 * messages go over the channel to its parent (load-protocol.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from './ledger.ts';
import type {
  LoadAudit,
  LoadCommand,
  LoadMessage,
  LoadPlan,
  LoadResult,
  LoadTarget,
} from './load-protocol.ts';
import { LoadRun, now } from './load-run.ts';
import { type Observer, observeConfirmations } from './observer.ts';
import { bodyOf, linesOf } from './orders.ts';
import { createSender, type Sender } from './sender.ts';

/** So many POSTs may wait for an answer; what is due beyond that waits here, and counts as backlog. */
const outstandingLimit = 4_096;
const sampleEveryMs = 250;

class LoadGenerator {
  readonly #send: (message: LoadMessage) => void;
  readonly #ledger = new Ledger((order) => this.#run?.noteConfirmed(order));
  readonly #pieces: Record<string, number> = {};
  #sender: Sender | undefined;
  #observer: Observer | undefined;
  #run: LoadRun | undefined;
  #nextIndex = 0;
  #unanswered = 0;

  constructor(send: (message: LoadMessage) => void) {
    this.#send = send;
  }

  async connect(target: LoadTarget): Promise<void> {
    this.#sender = createSender(target.url);
    this.#observer = await observeConfirmations(target, (confirmation) =>
      this.#ledger.confirm(confirmation, now()),
    );
  }

  async run(plan: LoadPlan): Promise<LoadResult> {
    const run = new LoadRun(plan, now() + 20);
    this.#run = run;
    const sampling = setInterval(() => {
      const at = now();
      run.sampleBacklog(at);
      this.#send({ kind: 'progress', progress: run.progress(at) });
    }, sampleEveryMs);
    const toMeasure = setTimeout(() => this.#send({ kind: 'measuring' }), run.measureFrom - now());
    const toMeasured = setTimeout(() => this.#send({ kind: 'measured' }), run.endsAt - now());
    await this.#post(run);
    const patience = run.endsAt + plan.drainSeconds * 1_000;
    while ((!run.settled || now() < run.endsAt) && now() < patience) await sleep(20);
    clearInterval(sampling);
    clearTimeout(toMeasure);
    clearTimeout(toMeasured);
    return run.result();
  }

  /** Sends each order at its intended time, or as soon after as it can. */
  async #post(run: LoadRun): Promise<void> {
    const { schedule } = run;
    while (run.sent < schedule.total) {
      const due = schedule.dueBy(now());
      while (run.sent < due && run.outstanding < outstandingLimit) this.#postOne(run);
      const untilNext = schedule.intendedAt(run.sent) - now();
      await sleep(Math.max(1, Math.floor(untilNext)));
    }
  }

  #postOne(run: LoadRun): void {
    const intendedAt = run.schedule.intendedAt(run.sent);
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    run.noteSent(intendedAt, now());
    this.#sender?.post(bodyOf(index), ({ status, orderId }) => {
      if (orderId === undefined) {
        if (status === 0) this.#unanswered += 1;
        run.noteRefused(status);
        return;
      }
      run.noteAccepted(intendedAt, now());
      this.#ledger.accept({ orderId, intendedAt, index });
      for (const { sku, quantity } of linesOf(index)) {
        this.#pieces[sku] = (this.#pieces[sku] ?? 0) + quantity;
      }
    });
  }

  async finish(): Promise<LoadAudit> {
    await this.#sender?.close();
    await this.#observer?.stop();
    return { ...this.#ledger.audit(), pieces: this.#pieces, unanswered: this.#unanswered };
  }
}

const send = (message: LoadMessage): void => {
  process.send?.(message);
};

const generator = new LoadGenerator(send);

async function obey(command: LoadCommand): Promise<void> {
  switch (command.kind) {
    case 'connect':
      await generator.connect(command.target);
      return send({ kind: 'connected' });
    case 'run':
      return send({ kind: 'done', result: await generator.run(command.plan) });
    case 'finish':
      send({ kind: 'finished', audit: await generator.finish() });
      return process.disconnect();
  }
}

process.on('message', (command: LoadCommand) => {
  obey(command).catch((error: unknown) => {
    send({
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  });
});
// The parent is gone: so is the reason for any load.
process.on('disconnect', () => process.exit(0));

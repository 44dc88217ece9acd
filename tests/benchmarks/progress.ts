import type { LoadPlan, LoadProgress } from './load-protocol.ts';
import type { RunReport } from './measure.ts';

/** What a person sees while it runs, on stderr: one updating line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Something begins or has happened. */
  step(text: string): void;
  run(contender: string, plan: LoadPlan, progress: LoadProgress): void;
  runEnded(report: RunReport): void;
  /** Seconds of a wait that have passed. */
  waiting(text: string, seconds: number, of: number): void;
  end(): void;
}

/** Between two plain lines of the same run. */
const plainEveryMs = 10_000;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const terminal = stream.isTTY === true;
  let lastPlain = 0;
  let onLine = false;
  const line = (text: string): void => {
    stream.write(`${onLine ? '\r\x1b[2K' : ''}${text}\n`);
    onLine = false;
    lastPlain = performance.now();
  };
  const update = (text: string): void => {
    if (terminal) {
      stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
      onLine = true;
    } else if (performance.now() - lastPlain >= plainEveryMs) line(text);
  };
  return {
    step: line,
    run: (contender, plan, progress) => update(runLine(contender, plan, progress)),
    runEnded: (report) => line(endLine(report)),
    waiting: (text, seconds, of) => update(`${text}: ${seconds.toFixed(0)} of ${of} s`),
    end: () => {
      if (onLine) stream.write('\n');
      onLine = false;
    },
  };
}

const phases = { ramp: 'warming up', measure: 'measuring', drain: 'waiting for the rest' };

function runLine(contender: string, plan: LoadPlan, progress: LoadProgress): string {
  const backlog = progress.due - progress.confirmed - progress.refused;
  const whole = plan.rampSeconds + plan.seconds;
  return [
    `${contender} at ${plan.rate}/s: ${phases[progress.phase]}, ${progress.at.toFixed(0)} of ${whole} s`,
    `${progress.confirmed} confirmed`,
    `${backlog} in flight`,
    ...(progress.refused > 0 ? [`${progress.refused} refused`] : []),
  ].join(', ');
}

function endLine(report: RunReport): string {
  const verdict = report.flat ? 'flat' : `not flat (${report.flatness.reason ?? 'unknown'})`;
  return [
    `${report.contender} at ${report.rate}/s for ${report.seconds} s: ${verdict}`,
    `confirmed p50 ${report.confirmed.p50.toFixed(0)} ms, p99 ${report.confirmed.p99.toFixed(0)} ms`,
    `${report.perOrder.cpuMsTotal.toFixed(2)} CPU ms an order`,
    `machine ${(report.machineBusy * 100).toFixed(0)} % busy, ${(report.othersBusy * 100).toFixed(0)} % by others`,
  ].join('; ');
}

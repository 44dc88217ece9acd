import type { Terminal } from './terminal.ts';

const WIDTH = 24;
/** Where nothing can be redrawn, a line for each so many percent. */
const STEP = 10;

/** How far a long work is: a bar on a terminal, a line now and then elsewhere. */
export function createProgressBar(terminal: Terminal, total: number, now: () => number = Date.now) {
  const startedAt = now();
  let told = 0;
  let drawnAt = 0;
  return {
    at(done: number, failed: number): void {
      const seconds = (now() - startedAt) / 1_000;
      const perSecond = seconds > 0.2 ? Math.round(done / seconds) : undefined;
      const text = `${done} of ${total}${perSecond === undefined ? '' : `, ${perSecond}/s`}${failed > 0 ? `, ${failed} failed` : ''}`;
      if (!terminal.isInteractive) {
        const step = Math.floor((done * 100) / total / STEP);
        if (step > told && total > STEP) terminal.say(text);
        told = step;
      } else if (done === total || now() - drawnAt > 50) {
        drawnAt = now();
        const filled = Math.round((done / Math.max(1, total)) * WIDTH);
        terminal.show(`${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${text}`);
      }
    },
  };
}

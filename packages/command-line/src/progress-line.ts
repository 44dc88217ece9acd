/** One line that is written over on a terminal, and a line now and then elsewhere. */
export interface ProgressLine {
  tell(this: void, says: string): void;
  end(): void;
}

const EVERY_MS = { terminal: 100, elsewhere: 2_000 } as const;

/** `isPatient`: elsewhere the first line comes late as well, so that what is done at once needs none. */
export function createProgressLine(out: NodeJS.WriteStream, { isPatient = false } = {}): ProgressLine {
  const startedAt = performance.now();
  const everyMs = out.isTTY ? EVERY_MS.terminal : EVERY_MS.elsewhere;
  let last = isPatient && !out.isTTY ? startedAt : Number.NEGATIVE_INFINITY;
  let isOpen = false;
  return {
    tell(says) {
      const now = performance.now();
      if (now - last < everyMs) return;
      last = now;
      const line = `  ${((now - startedAt) / 1_000).toFixed(1)} s  ${says}`;
      out.write(out.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
      isOpen = out.isTTY;
    },
    end() {
      if (isOpen) out.write('\r\u001b[K');
      isOpen = false;
    },
  };
}

import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { offences, type SourceFile, sources } from './tree.ts';

/** The rules of every service, as pure functions: they get time and ids as arguments and touch nothing. */
const rules = [
  'services/order/src/order.ts',
  'services/order/src/world.ts',
  'services/inventory/src/reservation.ts',
  'services/inventory/src/world.ts',
  'services/payment/src/payment.ts',
  'services/payment/src/world.ts',
  'services/payment/src/simulator.ts',
  'services/shipping/src/shipment.ts',
  'services/shipping/src/world.ts',
  'services/email/src/mail.ts',
  'services/email/src/world.ts',
];

/** Clocks, chance, timers, the process, the network, and whatever takes time. */
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\b|\bcrypto\b|\bprocess\b|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\basync\b|\bawait\b|\bconsole\b/;

const byPath: ReadonlyMap<string, SourceFile> = new Map(sources.map((file) => [file.path, file]));

/** The files, and all of the service's own that they run with. */
function closure(start: readonly string[]): SourceFile[] {
  const found = new Map<string, SourceFile>();
  const visit = (path: string) => {
    const file = byPath.get(path);
    if (file === undefined) throw new Error(`${path} is not there`);
    if (found.has(path)) return;
    found.set(path, file);
    for (const { from, isType } of file.imports) {
      if (!isType && from.startsWith('.')) visit(posix.join(posix.dirname(path), from));
    }
  };
  for (const path of start) visit(path);
  return [...found.values()];
}

describe('rules', () => {
  const pure = closure(rules);

  it('know neither clock nor chance, and wait for nothing', () => {
    const sagas = sources.filter(({ path }) => /^services\/[^/]+\/src\/saga\.ts$/.test(path));
    const unique = new Map([...pure, ...sagas].map((file) => [file.path, file]));
    expect(offences([...unique.values()], ({ bare }) => IMPURE.exec(bare) ?? [])).toEqual([]);
  });

  it('run with the contracts and the words of the kernel alone', () => {
    expect(
      offences(pure, ({ imports }) =>
        imports
          .filter(({ from, isType }) => !isType && !from.startsWith('.'))
          .map(({ from }) => from)
          .filter((from) => from !== '@skald/contracts' && from !== '@skald/messaging'),
      ),
    ).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseMachineStat, parseProcessStat, sumTrees } from './cpu.ts';

const stat = (pid: number, name: string, parent: number, times: string): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 1500 0 0 0 ${times} 20 0 1 0 100 200 300`;

describe('CPU time', () => {
  it('is read from behind a name with blanks and brackets', () => {
    expect(parseProcessStat(stat(42, 'postgres: (x) y', 7, '3 4 1 2'))).toEqual({
      pid: 42,
      parent: 7,
      cpuMs: 100,
    });
  });

  it('of a tree holds its children and theirs, and nobody else', () => {
    const processes = [
      { pid: 1, parent: 0, cpuMs: 1_000 },
      { pid: 10, parent: 1, cpuMs: 1 },
      { pid: 11, parent: 10, cpuMs: 20 },
      { pid: 12, parent: 11, cpuMs: 300 },
      { pid: 13, parent: 1, cpuMs: 5 },
    ];
    expect(sumTrees({ postgres: 10, order: 13, gone: 99 }, processes)).toEqual({
      postgres: 321,
      order: 5,
      gone: 0,
    });
  });

  it('of the machine leaves idle and waiting out', () => {
    expect(parseMachineStat('cpu  10 1 5 9999 99 2 3 4 0 0\ncpu0 …')).toEqual({ busyMs: 210, stolenMs: 40 });
  });
});

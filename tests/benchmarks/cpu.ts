import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time in hundredths of a second on every Linux that Node runs on. */
const msPerTick = 10;

export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of its own and of children that it has waited for, ms. */
  readonly cpuMs: number;
}

/** Reads a line of /proc/<pid>/stat (proc(5)). The name may hold blanks and brackets, so count from its last one. */
export function parseProcessStat(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(stat, 10), parent: field(4), cpuMs: ticks * msPerTick };
}

/**
 * CPU time in ms of each root and everything below it. What a process that ended had used is in its parent's, so
 * the difference of two readings misses nobody.
 */
export function sumTrees<Name extends string>(
  roots: Readonly<Record<Name, number>>,
  processes: readonly ProcessTimes[],
): Record<Name, number> {
  const children = new Map<number, ProcessTimes[]>();
  for (const process of processes) {
    const siblings = children.get(process.parent);
    if (siblings === undefined) children.set(process.parent, [process]);
    else siblings.push(process);
  }
  const own = new Map(processes.map((process) => [process.pid, process.cpuMs]));
  const total = (pid: number): number => {
    let sum = own.get(pid) ?? 0;
    for (const child of children.get(pid) ?? []) sum += total(child.pid);
    return sum;
  };
  const sums = Object.entries<number>(roots).map(([name, pid]) => [name, total(pid)]);
  return Object.fromEntries(sums) as Record<Name, number>;
}

/** CPU time in ms that each process tree has used since it began. */
export function readCpu<Name extends string>(roots: Readonly<Record<Name, number>>): Record<Name, number> {
  const processes: ProcessTimes[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      processes.push(parseProcessStat(readFileSync(`/proc/${entry}/stat`, 'utf8')));
    } catch {
      // It ended since the folder was listed.
    }
  }
  return sumTrees(roots, processes);
}

export interface MachineTimes {
  /** ms of all cores together, since boot. */
  readonly busyMs: number;
  /** ms that a hypervisor gave to others. */
  readonly stolenMs: number;
}

/** Reads the first line of /proc/stat: user nice system idle iowait irq softirq steal. */
export function parseMachineStat(stat: string): MachineTimes {
  const line = stat.slice(0, stat.indexOf('\n'));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busyMs: (user + nice + system + irq + softirq) * msPerTick, stolenMs: steal * msPerTick };
}

export const readMachine = (): MachineTimes => parseMachineStat(readFileSync('/proc/stat', 'utf8'));

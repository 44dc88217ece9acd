import { addSeen, type Seen } from './fault.ts';
import type { RunReport } from './report.ts';

interface Total {
  readonly fired: number;
  readonly seen: Seen;
  readonly unavailable: number;
}

/** The reports of many seeds as one page. `command`: how they were made. */
export function renderSoakPage(reports: readonly RunReport[], command: string): string {
  const inOrder = [...reports].sort((one, other) => one.seed - other.seed);
  const violations = inOrder.flatMap(({ seed, violations: found }) =>
    found.map((one) => `seed ${seed}: ${one}`),
  );
  const sum = (of: (report: RunReport) => number) => inOrder.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: RunReport) => number) => seconds(Math.max(...inOrder.map(of)));
  const dates = inOrder.map(({ startedAt }) => startedAt.slice(0, 10)).sort();
  return `# Soak

\`${command}\`: the whole system as processes, two instances of each service, under load, while it is broken by a plan
that is drawn from a seed; then it heals, comes to rest, and the witness reads everything. What each fault is:
[tests/faults](../tests/faults/README.md).

| | |
| --- | --- |
| seeds | ${inOrder.map(({ seed }) => seed).join(', ')} |
| date | ${dates[0]}${dates.at(-1) === dates[0] ? '' : ` to ${dates.at(-1)}`} |
| machine | ${[...new Set(inOrder.map(({ machine }) => machine))].join('; ')} |
| brokers | ${[...new Set(inOrder.map(({ brokers }) => brokers))].join(', ')} |
| orders accepted | ${sum(({ accepted }) => accepted).toLocaleString('en')} |
| given up by their customers after a failure | ${sum(({ abandoned }) => abandoned).toLocaleString('en')}: each exists once or not at all |
| faults of processes and network | ${sum(({ processAndNetworkFaults }) => processAndNetworkFaults).toLocaleString('en')}, ${Math.min(...inOrder.map(({ processAndNetworkFaults }) => processAndNetworkFaults))} at least in each run |
| violations | ${violations.length} |
| longest time from the last fault until every order was at its end | ${most(({ endedMs }) => endedMs)} |
| longest time from the last fault until all was at rest | ${most(({ restMs }) => restMs)} |

## Faults

| fault | fired | seen |
| --- | ---: | --- |
${[...totals(inOrder)].map(([name, total]) => `| ${name} | ${total.fired} | ${told(total)} |`).join('\n')}

## Violations

${violations.length === 0 ? 'None.' : violations.map((one) => `- ${one}`).join('\n')}

## What this can't prove

kill -9 ends a process, not a machine. What the process had written is in the operating system's cache and survives it; a
power loss takes that cache, too. So nothing here shows that Postgres's fsync and Kafka's replication (or its flush) do what
they say when the power goes, that a disk tells the truth about what it has written, or what a torn write leaves behind. Nor
does one machine show what clocks that drift apart do, or a network that is cut in two between machines.
`;
}

function totals(reports: readonly RunReport[]): ReadonlyMap<string, Total> {
  const byKind = new Map<string, Total>();
  for (const { kinds } of reports) {
    for (const [name, { fired, seen, unavailable }] of Object.entries(kinds)) {
      const known = byKind.get(name) ?? { fired: 0, seen: {}, unavailable: 0 };
      byKind.set(name, {
        fired: known.fired + fired,
        seen: addSeen(known.seen, seen),
        unavailable: known.unavailable + (unavailable === undefined ? 0 : 1),
      });
    }
  }
  return new Map([...byKind].sort(([one], [other]) => one.localeCompare(other)));
}

const told = ({ seen, unavailable }: Total): string =>
  [
    ...Object.entries(seen).map(([what, count]) => `${count.toLocaleString('en')} ${what}`),
    ...(unavailable > 0 ? [`not available in ${unavailable} runs`] : []),
  ].join(', ');

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

import type { RebuildReport } from './rebuild-parts.ts';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const versionText = (version: number | null): string => (version === null ? 'missing' : `version ${version}`);

/** The report for people. */
export function textOf(report: RebuildReport): string {
  const { orders, records, poison, builtMs, cpuMs, comparison, generation, kept } = report;
  const { hashes, inMotion, differences, examples } = comparison;
  const rate = Math.round(orders / Math.max(0.001, builtMs / 1_000));
  const beside = poison === 0 ? '' : `; ${poison} could not be taken in, as order-view could not`;
  const moving =
    inMotion === 0 ? '' : ` (${inMotion} were changing meanwhile, and were compared at the switch)`;
  const lines = [
    `${orders} orders of ${records} records were built in ${seconds(builtMs)}: ${rate} orders/s${beside}. CPU of this process: ${seconds(cpuMs)}`,
    `live     ${hashes.live}`,
    `rebuilt  ${hashes.rebuilt}  ${comparison.orders} orders compared${moving}`,
  ];
  if (differences > 0) lines.push('', `${differences} of them differ:`);
  for (const { orderId, live, rebuilt } of examples)
    lines.push(
      `  ${orderId}  live: ${versionText(live)}, rebuilt: ${versionText(rebuilt)}${live === rebuilt ? ', other content' : ''}`,
    );
  if (differences > examples.length) lines.push('  …');
  lines.push('', endOf(report, generation, kept), '');
  return lines.join('\n');
}

function endOf(
  { isSwitched, verdict, durationMs }: RebuildReport,
  generation: number,
  kept: readonly number[],
): string {
  if (!isSwitched) {
    const next = verdict === 'same' ? '' : ' --accept-differences would switch all the same';
    return `Nothing was switched; what was built is dropped.${next} (${seconds(durationMs)})`;
  }
  const back = kept.length === 0 ? 'none is kept' : `kept for a rollback: ${kept.join(', ')}`;
  return `Generation ${generation} is live after ${seconds(durationMs)}; ${back}`;
}

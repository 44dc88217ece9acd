// node .ci/closing-line.mjs <vitest's JSON report> <vitest's exit code>
// Prints `N passed, N failed`, and `, N skipped` where there are any. Nothing is said of a run that was cut off.
import { readFileSync } from 'node:fs';

const [file = '', exitCode = '0'] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
const count = { passed: 0, failed: 0, skipped: 0 };

for (const { status, assertionResults } of testResults) {
  const outcomes = assertionResults.map((test) => test.status);
  for (const outcome of outcomes)
    count[outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped'] += 1;
  // It could not be loaded, or failed before or after its tests: that is in none of them.
  if (status === 'failed' && !outcomes.includes('failed')) count.failed += 1;
}
// An error that nobody awaited belongs to no file.
if (exitCode !== '0' && count.failed === 0) count.failed = 1;

const { passed, failed, skipped } = count;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/**
 * Loaded into each service by `--profile` (`node --import`): SIGUSR2 begins a CPU profile, the next one writes it, so
 * that a profile holds the load and not the start.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { basename, dirname, join } from 'node:path';

const { BENCHMARK_PROFILES: folder } = process.env;
const program = process.argv[1];
if (folder !== undefined && program !== undefined) listen(folder, program);

function listen(profiles: string, script: string): void {
  const session = new Session();
  session.connect();
  let profiling = false;
  const toggle = async (): Promise<void> => {
    profiling = !profiling;
    if (profiling) {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 500 });
      await session.post('Profiler.start');
      return;
    }
    const { profile } = await session.post('Profiler.stop');
    // services/order/dist/main.js → order; tutorial/order.js → order
    const file = basename(script, '.js');
    const name = file === 'main' ? basename(dirname(dirname(script))) : file;
    writeFileSync(join(profiles, `${name}-${process.pid}.cpuprofile`), JSON.stringify(profile));
  };
  process.on('SIGUSR2', () => {
    toggle().catch((error: unknown) => console.error('profile:', error));
  });
}

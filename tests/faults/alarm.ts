import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Wakes paused processes when it is called, and when this process is gone without having called it: one that is paused
 * hears of nobody's end, and would stay for ever.
 */
export function createAlarm(pids: readonly number[]): () => Promise<void> {
  const alarm = spawn('sh', ['-c', `read -r _; kill -CONT ${pids.join(' ')}`], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const rung = once(alarm, 'exit');
  return async () => {
    alarm.stdin.end();
    await rung;
  };
}

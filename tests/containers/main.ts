import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStack, type TestStack } from '@skald/testkit';
import { getContainerRuntimeClient } from 'testcontainers';
import { startContainerStack } from './stack.ts';

/**
 * The end-to-end suite once more, on container images instead of the embedded stack. Opt-in: it needs a Docker engine.
 * What the command line holds goes to vitest.
 */
const usage = `npm run test:containers -- [filter …] [options]

Runs the end-to-end tests against Kafka, Apicurio Registry and Postgres from their images, and the mail sink in a
container. Where no Docker engine answers it says so and does nothing. Takes vitest's options.

  KAFKA_IMAGE, REGISTRY_IMAGE, POSTGRES_IMAGE, NODE_IMAGE   other images, e.g. from a mirror`;

/** As the suite expects it of its own stack. */
const environment = { order: { ORDER_DEADLINE_MS: '30000' } };
const repository = fileURLToPath(new URL('../../..', import.meta.url));

const args = process.argv.slice(2);
if (args.includes('--help')) console.log(usage);
else process.exitCode = await run();

async function run(): Promise<number> {
  const engine = await getContainerRuntimeClient().catch((error: unknown) => error);
  if (!isEngine(engine)) {
    console.log(
      `skipped: no Docker engine answers (${engine instanceof Error ? engine.message : String(engine)})`,
    );
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'skald-containers-'));
  console.log(`Starting the containers, then the services; logs in ${directory}`);
  const stack = await startContainerStack({
    host: engine.info.containerRuntime.host,
    directory,
    environment,
  });
  let code = 1;
  try {
    code = await runSuite(stack);
  } finally {
    await stack.stop();
    if (code === 0) await rm(directory, { recursive: true });
  }
  return code;
}

async function runSuite(stack: TestStack): Promise<number> {
  const control = await serveStack(() => Promise.resolve(stack));
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...args];
  const child = spawn(process.execPath, vitest, {
    cwd: repository,
    env: { ...process.env, SKALD_TEST_STACK: control.url },
    stdio: 'inherit',
  });
  // First the tests end, then the stack.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  control.close();
  return code ?? 1;
}

type Engine = Awaited<ReturnType<typeof getContainerRuntimeClient>>;
function isEngine(answer: unknown): answer is Engine {
  return typeof answer === 'object' && answer !== null && 'info' in answer;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { UsageError } from '@skald/command-line';
import { z } from 'zod';
import { type OrderAnswer, PROTOCOL } from './answer.ts';
import { environmentOfHandlers } from './config.ts';
import type { OrderRecord } from './recorded-event.ts';
import { linesOf } from './recording.ts';

/** A checkout can't be asked: it isn't built, its program died, or its databases did. */
export class CheckoutFailed extends Error {}

/** Another process with the handlers of a checkout. */
export interface Checkout {
  /** One answer for each order, in their order. Throws CheckoutFailed. */
  answers(orders: readonly OrderRecord[]): AsyncGenerator<OrderAnswer, void>;
  /** Ends the process, if it still runs. */
  stop(): Promise<void>;
}

const PROGRAM = 'packages/replay/dist/handlers-main.js';

/** Throws a UsageError that says how to build it. */
export function checkBuilt(directory: string, say: (line: string) => void): void {
  const build = `build it first: cd ${directory} && npm run build`;
  if (!existsSync(join(directory, 'package.json')))
    throw new UsageError(`${directory} is no checkout of Skald`);
  if (!existsSync(join(directory, 'packages/replay/package.json')))
    throw new UsageError(`${directory} is older than npm run replay: it has no packages/replay`);
  const services = readdirSync(join(directory, 'services')).map((name) => `services/${name}`);
  const homes = ['packages/contracts', 'packages/messaging', 'packages/replay', ...services];
  for (const home of homes.filter((one) => existsSync(join(directory, one, 'tsconfig.json')))) {
    const built = newestIn(join(directory, home, 'dist'));
    if (built === undefined) throw new UsageError(`${home} of ${directory} is not compiled: ${build}`);
    if ((newestIn(join(directory, home, 'src')) ?? 0) > built)
      say(`${home} of ${directory} was changed after it was compiled. To be sure, ${build}`);
  }
  if (!existsSync(join(directory, PROGRAM))) throw new UsageError(`${directory} is not compiled: ${build}`);
}

/** When the newest of its files was written, epoch ms. */
function newestIn(folder: string): number | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(0, ...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

/** `template`: postgres://…/…{service}, empty databases. */
export function openCheckout(directory: string, template: string): Checkout {
  const child = spawn(process.execPath, [join(resolve(directory), PROGRAM)], {
    cwd: resolve(directory),
    stdio: ['pipe', 'pipe', 'pipe'],
    // No address of Kafka, of a provider or of a mail server reaches it.
    env: environmentOfHandlers(template),
  });
  const ended = endOf(child);
  return {
    async *answers(orders) {
      // A process that died says so by what it doesn't answer.
      child.stdin?.on('error', () => {});
      void feed(child, orders);
      let answered = -1;
      for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
        const value: unknown = JSON.parse(line);
        if (answered < 0) checkHello(value, directory);
        else yield value as OrderAnswer;
        answered += 1;
      }
      const failure = await ended;
      if (failure !== undefined || answered !== orders.length)
        throw new CheckoutFailed(`the handlers of ${directory} failed: ${failure ?? 'they said too little'}`);
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function feed({ stdin }: ChildProcess, orders: readonly OrderRecord[]): Promise<void> {
  for (const line of linesOf(orders)) {
    if (stdin === null || stdin.destroyed) return;
    if (!stdin.write(`${line}\n`))
      await new Promise((resolve) => stdin.once('drain', resolve).once('close', resolve));
  }
  stdin?.end();
}

const helloSchema = z.object({ protocol: z.number() });

function checkHello(value: unknown, directory: string): void {
  const hello = helloSchema.safeParse(value).data;
  if (hello?.protocol !== PROTOCOL)
    throw new CheckoutFailed(
      `${directory} answers in another way (${JSON.stringify(value)}, not protocol ${PROTOCOL}): compare with a nearer version`,
    );
}

const MAX_STDERR = 4_000;

/** Undefined where it ended well; else what it said last. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-MAX_STDERR);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : said.trim() || `it ended with ${code ?? signal}`),
    );
  });
}

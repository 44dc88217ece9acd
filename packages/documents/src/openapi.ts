import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ProgramName, type StackAddresses, serviceEnvironment, services } from '@skald/local-stack';
import type { Json } from './asyncapi-messages.ts';

const run = promisify(execFile);

/** Far more than any API has to say. */
const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

/** Addresses that look right, so that a service's configuration is: nobody connects to them. */
const nowhere = {
  services: {},
  kafka: { brokers: ['127.0.0.1:1'] },
  registry: 'http://127.0.0.1:1/apis/ccompat/v7',
  postgres: {},
  auditor: {},
  mail: { smtp: 'smtp://127.0.0.1:1', messages: 'http://127.0.0.1:1/messages' },
  paymentProvider: 'http://127.0.0.1:1',
  operatorToken: 'nobody-shows-this-token',
  pids: {},
} satisfies StackAddresses;

/** Every service that a stack runs. */
export const documentedServices = Object.keys(services) as readonly ProgramName[];

/**
 * OpenAPI of every service, by name: each is asked as the program that it is, compiled, with nothing running that it would
 * connect to. `root` is the repository's. Throws what a service says that can't tell.
 */
export async function openApiDocuments(root: string): Promise<ReadonlyMap<ProgramName, Json>> {
  const documents = await Promise.all(
    documentedServices.map(async (name) => [name, await openApiOf(name, root)] as const),
  );
  return new Map(documents);
}

async function openApiOf(name: ProgramName, root: string): Promise<Json> {
  const addresses = { ...nowhere, postgres: { [name]: 'postgres://nobody:nothing@127.0.0.1:1/nowhere' } };
  const env = { ...serviceEnvironment(name, addresses), HTTP_PORT: '0' };
  const options = { cwd: root, env, maxBuffer: MAX_BYTES, timeout: TIMEOUT_MS };
  try {
    const { stdout } = await run(
      process.execPath,
      [join(root, services[name].program), '--openapi'],
      options,
    );
    return JSON.parse(stdout) as Json;
  } catch (cause) {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : '';
    throw new Error(`${name} doesn’t say what its API is. ${said.slice(0, 2_000)}`, { cause });
  }
}

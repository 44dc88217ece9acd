import { createInterface } from 'node:readline';
import type { GroupName } from '@skald/contracts';
import { type Hello, type OrderAnswer, PROTOCOL } from './answer.ts';
import { databaseOfHandlers } from './config.ts';
import { openDatabaseHandlers } from './database-handlers.ts';
import { openProjection } from './projection.ts';
import { readLine } from './recording.ts';
import { replayOrder } from './replay-order.ts';

/**
 * Runs a recording, which comes on stdin, through the handlers of the checkout
 * that it lies in, and tells on stdout what they make of it. It knows no address but that of its databases, and executes no
 * effect and publishes nothing: what they ask for and say, it writes down.
 */
const template = databaseOfHandlers();
const tell = (line: Hello | OrderAnswer): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const urlOf = (group: GroupName): string => template.replaceAll('{service}', group);
const handlers = await openDatabaseHandlers(urlOf);
const projection = await openProjection(urlOf('order-view'));
tell({ protocol: PROTOCOL });
for await (const line of createInterface({ input: process.stdin })) {
  const record = readLine(line);
  if (typeof record === 'string') continue;
  const { orderId } = record;
  const { steps, says, asks } = await replayOrder(record, handlers, { follow: 'rules' });
  const view = await projection.project(orderId, says);
  tell({
    orderId,
    events: says.map(({ topic, name, data }) => ({ topic, name, data: { ...data } })),
    effects: asks,
    parked: [
      ...steps.flatMap(({ service, input, reaction }) =>
        reaction.outcome === 'poison'
          ? [{ service, input: input.name, code: reaction.code, text: reaction.text }]
          : [],
      ),
      ...view.parked,
    ],
    states: await handlers.rowsOf(orderId),
    readModel: view.model,
  });
}
await Promise.all([handlers.close(), projection.close()]);

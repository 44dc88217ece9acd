import { type EventViewer, type Neighbour, type Surroundings, textOrHex } from '@skald/messaging';
import { parseTraceparent } from '@skald/service-kit';
import { type DetailAnswer, describeRow } from './answer.ts';
import type { Identity } from './dead-letter.ts';
import type { OperatorClient } from './operator-client.ts';
import type { WholeRow } from './store.ts';

export interface ShowOptions {
  readonly viewer: EventViewer;
  readonly surroundings: Surroundings;
  readonly operator: Pick<OperatorClient, 'detail'>;
  /** `{traceId}` stands for the id. */
  readonly traceUrl: string | undefined;
}

/** Everything about one dead letter. What can't be found out just now is left out, and named. */
export async function show(row: WholeRow, options: ShowOptions): Promise<DetailAnswer> {
  const { consumer_group: group, topic, partition, offset, record_key: key } = row;
  const missing: string[] = [];
  const unless = async <Value>(what: string, work: Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work;
    } catch (error) {
      missing.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const [content, parking, neighbours] = await Promise.all([
    options.viewer.view(row.record_value),
    unless('its queue', parkingOf(options.operator, { group, topic, partition, offset })),
    unless('its neighbours', options.surroundings.of({ topic, partition, offset, key })),
  ]);
  return {
    deadLetter: describeRow(row),
    content,
    rawKey: base64(key),
    rawValue: base64(row.record_value),
    originalValue: base64(row.original_value),
    headers: textsOf(row.headers),
    stack: row.error_stack,
    parking: parking ?? null,
    neighbours: neighbours
      ? {
          ...neighbours,
          before: neighbours.before.map(describeNeighbour),
          after: neighbours.after.map(describeNeighbour),
        }
      : null,
    traceUrl: traceUrlOf(row, options.traceUrl),
    missing,
  };
}

async function parkingOf(operator: ShowOptions['operator'], id: Identity): Promise<DetailAnswer['parking']> {
  const detail = await operator.detail(id);
  return detail === undefined ? null : { queue: detail.queue, redrivesLeft: detail.redrivesLeft };
}

const describeNeighbour = ({ offset, timestamp, sequence, content }: Neighbour) => ({
  offset,
  at: new Date(timestamp).toISOString(),
  sequence: sequence ?? null,
  content,
});

function textsOf(headers: WholeRow['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, textOrHex(Buffer.from(value, 'base64'))]),
  );
}

function traceUrlOf({ headers }: WholeRow, template: string | undefined): string | null {
  const { traceparent = '' } = headers;
  const trace = parseTraceparent(Buffer.from(traceparent, 'base64').toString('latin1'));
  if (trace === undefined || template === undefined) return null;
  return template.replaceAll('{traceId}', trace.traceId);
}

const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

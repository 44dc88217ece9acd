import { createCodec } from './codec.ts';
import { type Reading, readingOf } from './item.ts';
import type { ConsumedRecord } from './log-client.ts';
import { keyText } from './parking.ts';
import { createRegistry } from './registry.ts';

/**
 * Reads records for programs, with the very checks of a consumer: the input that a service would get, or why it would be
 * poison. Throws TransientError while the registry is away, so that nothing is passed over for that.
 */
export type InputReader = (records: readonly ConsumedRecord[]) => Promise<Reading[]>;

export function createInputReader(registryUrl: string): InputReader {
  const codec = createCodec(createRegistry(registryUrl));
  return async (records) => {
    const ids = new Set<number>();
    for (const { value } of records) {
      const id = codec.schemaId(value);
      if (id !== undefined && !codec.isKnown(id)) ids.add(id);
    }
    if (ids.size > 0) await codec.learn([...ids]);
    return records.map((record) => readingOf(record, keyText(record.key), codec));
  };
}

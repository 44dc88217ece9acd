import { createCodec } from './codec.ts';
import { type EventContent, readContent } from './event-viewer.ts';
import { createRegistry } from './registry.ts';

/**
 * Decodes values for programs: the event, or why its bytes are none. Throws TransientError while the registry is away, so
 * that nothing is passed over for that.
 */
export type EventReader = (value: Buffer | null) => Promise<EventContent>;

export function createEventReader(registryUrl: string): EventReader {
  const codec = createCodec(createRegistry(registryUrl));
  return (value) => readContent(codec, value);
}

import type { EventName, Events } from '@skald/contracts';
import { type Codec, createCodec } from './codec.ts';
import { PoisonError, TransientError } from './errors.ts';
import { createRegistry } from './registry.ts';

/** What is in a value, for people: the event, or why it can't be read. */
export type EventContent =
  | { readonly name: EventName; readonly data: Events[EventName] }
  | { readonly undecodable: string };

/** Decodes values for people to look at. */
export interface EventViewer {
  /** Never throws for what the bytes are; while the registry is away it says so in place of the event. */
  view(value: Buffer | null): Promise<EventContent>;
}

export function createEventViewer(registryUrl: string): EventViewer {
  const codec = createCodec(createRegistry(registryUrl));
  return {
    async view(value) {
      try {
        return await readContent(codec, value);
      } catch (error) {
        if (error instanceof TransientError) return { undecodable: 'the schema registry does not answer' };
        throw error;
      }
    },
  };
}

/** Throws TransientError while the registry is away. */
export async function readContent(codec: Codec, value: Buffer | null): Promise<EventContent> {
  const id = codec.schemaId(value);
  if (id !== undefined) await codec.learn([id]);
  try {
    return codec.decode(value);
  } catch (error) {
    if (error instanceof PoisonError) return { undecodable: error.message };
    throw error;
  }
}

/** Bytes for people: text where they are UTF-8, else `hex:…`. */
export function textOrHex(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? `hex:${bytes.toString('hex')}` : text;
}

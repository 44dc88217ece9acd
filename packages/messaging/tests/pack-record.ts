import { createEntryPacker, type EntryPacker, type RecordToSend } from '../src/entry.ts';

/** One record, encoded as a reaction would. */
export function packRecord(...parts: Parameters<EntryPacker['add']>): RecordToSend {
  const packer = createEntryPacker();
  packer.add(...parts);
  const [record] = packer.take().records;
  if (record === undefined) throw new Error('one was packed');
  return record;
}

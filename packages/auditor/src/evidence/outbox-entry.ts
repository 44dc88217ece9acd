/** One record of an outbox entry, as much of it as is compared with the topics. */
export interface EntryRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

const FORMAT = 1;

/**
 * Unpacks an outbox entry by the layout that `messaging.unpack` documents (migrations/003 of packages/messaging): a byte
 * for the format, then each record: u16 and the topic, u32 and the body: key, value, number of headers, each header's
 * name and value; a zigzag varint before each for its size, -1 for null. An int test holds it to the database's own view.
 */
export function readEntry(entry: Buffer): EntryRecord[] {
  if (entry[0] !== FORMAT)
    throw new Error(`an outbox entry of format ${entry[0]}: this auditor knows ${FORMAT}`);
  const records: EntryRecord[] = [];
  for (let at = 1; at < entry.length; ) {
    const topicEnd = at + 2 + entry.readUInt16BE(at);
    const topic = entry.toString('utf8', at + 2, topicEnd);
    const bodyEnd = topicEnd + 4 + entry.readUInt32BE(topicEnd);
    records.push({ topic, ...readBody(entry.subarray(topicEnd + 4, bodyEnd)) });
    at = bodyEnd;
  }
  return records;
}

function readBody(body: Buffer): Omit<EntryRecord, 'topic'> {
  let at = 0;
  const varint = (): number => {
    let zigzag = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body.readUInt8(at);
      at += 1;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  };
  const bytes = (): Buffer | null => {
    const size = varint();
    if (size < 0) return null;
    at += size;
    return body.subarray(at - size, at);
  };
  const key = bytes();
  bytes();
  const headers: [string, string][] = [];
  for (let count = varint(); count > 0; count -= 1)
    headers.push([bytes()?.toString() ?? '', bytes()?.toString() ?? '']);
  return { key, headers: Object.fromEntries(headers) };
}

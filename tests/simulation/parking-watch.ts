import { serviceNames } from '@skald/contracts';
import type { InboxRow } from './database/kernel-statements.ts';
import type { ParkedRow } from './database/parking-statements.ts';
import { type Place, type Table, unwritten } from './database/server.ts';
import type { World } from './world.ts';

/** 12, at all times, of what each transaction makes visible: a failed message holds up its own key, in order. */
export function watchParking(world: World): void {
  for (const service of serviceNames) {
    const { parked, topics } = world.tables[service];
    const topicAt = (ordinal: number) =>
      [...topics.places.values()].find(({ committed }) => committed?.ordinal === ordinal)?.committed?.name;
    const blame = (says: string) => world.watch.broken.push(`12: ${service} ${says}`);
    world.databases[service].server.onCommit = (places) => look({ places, parked, topicAt, blame });
  }
}

interface Look {
  /** What the transaction holds, and has written. */
  readonly places: readonly Place[];
  readonly parked: Table<ParkedRow>;
  topicAt(ordinal: number): string | undefined;
  blame(says: string): void;
}

function look({ places, parked, topicAt, blame }: Look): void {
  const isWritten = ({ written }: Place) => written !== unwritten && written !== undefined;
  for (const place of places) {
    if (!isWritten(place)) continue;
    if (place.table.name === 'inbox') judgeInbox(place);
    if (place.table.name === 'parked') judgeParked(place.written as ParkedRow, place.committed !== undefined);
  }

  /** What is open of a key in a topic once this has been committed. */
  function openOf(topic: string | undefined, key: string): ParkedRow[] {
    const rows: ParkedRow[] = [];
    for (const { committed, written } of parked.places.values()) {
      const row = written === unwritten ? committed : written;
      if (row?.state === 'parked' && row.topic === topic && row.key === key) rows.push(row);
    }
    return rows;
  }

  function judgeInbox({ committed, written }: Place): void {
    const before = committed as InboxRow | undefined;
    const after = written as InboxRow;
    for (const ordinal of after.parked) {
      if (openOf(topicAt(ordinal), after.key).length === 0)
        blame(`lets ${after.key} wait for nothing in ${topicAt(ordinal)}`);
    }
    for (const ordinal of before?.parked ?? []) {
      const hasRisen = (after.applied[ordinal - 1] ?? 0) > (before?.applied[ordinal - 1] ?? 0);
      const isDrained = places.some((place) => place.table.name === 'parked' && isWritten(place));
      if (hasRisen && !isDrained) blame(`has applied an event of ${after.key} past a failed one`);
      if (!after.parked.includes(ordinal) && openOf(topicAt(ordinal), after.key).length > 0)
        blame(`has let ${after.key} go, and something of it in ${topicAt(ordinal)} is parked still`);
    }
  }

  /** Who waits came behind the one it waits for. */
  function judgeParked({ topic, key, offset, error_code: code, state }: ParkedRow, isKnown: boolean): void {
    if (isKnown || code !== null || state !== 'parked') return;
    if (!openOf(topic, key).some((row) => row.offset < offset))
      blame(`lets ${topic} ${key} @${offset} wait behind one that came after it`);
  }
}

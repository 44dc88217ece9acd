import { groups, readersOf, type ServiceName, topics } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { ParkedRow } from '../evidence/kernel-rows.ts';
import { bytesText, type Letter, letterId, placeText } from '../evidence/letters.ts';
import { type Check, createFinding } from './violation.ts';

type Finding = ReturnType<typeof createFinding>;

/** A dead letter is deleted after two weeks: what is older has lost it. A day less, to be on the safe side. */
const LETTERS_KEPT_MS = 13 * 24 * 60 * 60 * 1000;

/**
 * 13. Consumed = applied + remembered + ignored + duplicate + parked or dead-lettered: whatever lies below the offset that
 * a group had committed is known to its inbox, or parked, or dead-lettered. A dead letter's bytes are those that came. At
 * all times, as the offsets were read first.
 */
export const consumedIsAccountedFor: Check = (it) => {
  const finding = createFinding(13);
  const { chains, strays, committed } = it.evidence;
  const parkedAt = parkedPlaces(it);
  const isConsumed = (service: ServiceName, topic: string, partition: number, offset: number) =>
    offset < (committed.get(service)?.get(`${topic}/${partition}`) ?? 0);
  const isSetAside = (place: string) => parkedAt.has(place) || it.evidence.letters.has(place);
  /** What was discarded is forgotten with its dead letter. */
  const isForgotten = (at: number) => at < it.evidence.takenAt - LETTERS_KEPT_MS;

  for (const { name } of Object.values(topics)) {
    for (const service of readersOf(name)) {
      for (const { key, partition, heard } of chains.in(name)) {
        const mark = it.applied(service, name, key);
        for (const { sequence, offset, name: event, at: decidedAt } of heard) {
          if (!isConsumed(service, name, partition, offset)) continue;
          finding.look();
          if (
            sequence <= mark ||
            isForgotten(decidedAt) ||
            isSetAside(letterId({ group: service, topic: name, partition, offset }))
          )
            continue;
          const at = `${name}/${partition}@${offset}`;
          finding.blame(
            key,
            `${service} has consumed ${event} (${at}), and neither applied nor parked it`,
            'lost',
          );
        }
      }
    }
  }
  for (const { topic, partition, offset, key, sequence, at, why } of strays) {
    for (const service of readersOf(topic)) {
      if (!isConsumed(service, topic, partition, offset)) continue;
      finding.look();
      const isApplied = sequence !== undefined && sequence <= it.applied(service, topic, key);
      if (isApplied || isForgotten(at) || isSetAside(letterId({ group: service, topic, partition, offset })))
        continue;
      const says = `${service} has consumed ${topic}/${partition}@${offset} (${why}), and neither parked nor dead-lettered it`;
      finding.blame(key, says, 'lost');
    }
  }
  judgeLetters(it, finding);
  return finding.done();
};

function judgeLetters(it: Case, finding: Finding): void {
  const { letters, originals, kernels, takenAt, outboxes } = it.evidence;
  for (const letter of letters.values()) {
    finding.look();
    const { group, topic, key, digests, edited, repeated, at } = letter;
    const original = originals.get(placeText(letter));
    const right = original && [original, ...edited.map((value) => ({ ...original, value }))].map(bytesText);
    if (right && digests.some((digest) => !right.includes(digest)))
      finding.blame(`${topic} ${key}`, `the dead letter ${at} holds other bytes than ${placeText(letter)}`);
    if (repeated > 0)
      finding.blame(
        `${topic} ${key}`,
        `${group} has dead-lettered ${placeText(letter)} ${repeated + 1} times`,
        'duplicated',
      );
  }
  for (const [service, { parked }] of kernels) {
    const waiting = new Set(outboxes.get(service)?.unpublished.map(({ key }) => key));
    for (const { topic, key, partition, offset, code, parkedAt } of parked) {
      if (code === null || it.isIgnored(topic, key)) continue;
      finding.look();
      const isLetter = letters.has(letterId({ group: service, topic, partition, offset }));
      if (isLetter || waiting.has(key) || parkedAt < takenAt - LETTERS_KEPT_MS) continue;
      finding.blame(
        key,
        `${service} has parked ${topic}/${partition}@${offset}, and wrote no dead letter`,
        'lost',
      );
    }
  }
}

const parkedPlaces = ({ evidence: { kernels } }: Case): ReadonlySet<string> =>
  new Set(
    [...kernels].flatMap(([group, { parked }]) =>
      parked.map(({ topic, partition, offset }) => letterId({ group, topic, partition, offset })),
    ),
  );

/**
 * 12. A poison message holds up only its own key: its group has gone on in its partition; and the key does wait. The first
 * of them after `patienceMs`, as offsets are committed now and then.
 */
export const poisonHoldsUpItsKeyAlone =
  (patienceMs: number): Check =>
  (it) => {
    const finding = createFinding(12);
    const { kernels, committed, takenAt } = it.evidence;
    for (const [service, { parked }] of kernels) {
      for (const row of parked) {
        const { topic, key, partition, offset, sequence } = row;
        if (row.code === null || row.state !== 'parked' || it.isIgnored(topic, key)) continue;
        finding.look();
        const reached = committed.get(service)?.get(`${topic}/${partition}`) ?? 0;
        if (reached <= offset && row.parkedAt < takenAt - patienceMs)
          finding.blame(
            `${topic} ${key}`,
            `${service} stands at ${topic}/${partition}@${reached} since it was parked`,
          );
        if (sequence !== null && it.applied(service, topic, key) >= sequence)
          finding.blame(
            `${topic} ${key}`,
            `${service} has parked ${sequence} of it, and applied it or what came later`,
            'reordered',
          );
      }
    }
    return finding.done();
  };

/** What a dead letter may give for its reason, that the topic itself can refute. */
const refutable: Readonly<Record<string, string>> = {
  UNDECODABLE: 'it can be decoded',
  UNKNOWN_SCHEMA: 'the registry has its schema',
  BAD_HEADERS: 'its headers are as they should be',
  WRONG_TOPIC: 'it is in the topic where it belongs',
  WRONG_KEY: 'its key is the one in it',
};

/**
 * 14. An outage, a kill or a rollout writes no dead letter: none gives a reason that the topic itself refutes. `noPoison`:
 * nobody has sent any, so that every dead letter is one too many, but those that an operator has dealt with.
 */
export const outagesWriteNoDeadLetter =
  (noPoison: boolean): Check =>
  (it) => {
    const finding = createFinding(14);
    for (const letter of it.evidence.letters.values()) {
      finding.look();
      const { topic, key, code, text, at, resolution } = letter;
      const subject = `${topic} ${key}`;
      if (noPoison && resolution === undefined)
        finding.blame(subject, `a dead letter (${at}): ${code} ${text}`);
      else if (code in refutable && isReadable(it, letter))
        finding.blame(subject, `the dead letter ${at} says ${code}, and ${refutable[code]}`);
      else if (code === 'SEQUENCE_GAP' && followsOn(it, letter))
        finding.blame(subject, `the dead letter ${at} says ${code}, and all that came before is there`);
    }
    if (noPoison)
      for (const row of allParked(it)) finding.blame(`${row.topic} ${row.key}`, `parked by ${row.service}`);
    else if (it.evidence.letters.size === 0) return { checked: 0, violations: [] };
    if (noPoison) finding.look(Object.values(groups).flat().length);
    return finding.done();
  };

const heardAt = ({ evidence: { chains } }: Case, { topic, key, offset }: Letter) =>
  chains.of(topic, key)?.heard.find((heard) => heard.offset === offset);

const isReadable = (it: Case, letter: Letter): boolean => heardAt(it, letter) !== undefined;

/** The event before it in its key came before it in its topic. */
function followsOn(it: Case, letter: Letter): boolean {
  const heard = heardAt(it, letter);
  const chain = it.evidence.chains.of(letter.topic, letter.key);
  if (heard === undefined || chain === undefined) return false;
  const before = chain.heard.find(({ sequence }) => sequence === heard.sequence - 1);
  return heard.sequence === 1 || (before !== undefined && before.offset < heard.offset);
}

const allParked = (it: Case): (ParkedRow & { service: ServiceName })[] =>
  [...it.evidence.kernels].flatMap(([service, { parked }]) =>
    parked
      .filter(({ topic, key, state }) => state === 'parked' && !it.isIgnored(topic, key))
      .map((row) => ({ service, ...row })),
  );

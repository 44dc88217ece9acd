import { addSeen, type FaultKind, type Field, type PlannedFault, type Seen } from './fault.ts';
import { describeFault, randomOf } from './plan.ts';

/** What has become of one kind of fault. */
export interface KindReport {
  readonly family: FaultKind['family'];
  readonly fired: number;
  readonly seen: Seen;
  /** Why it can't happen here. */
  readonly unavailable?: string;
}

/** Fires faults, and keeps book. */
export interface Firing {
  /** Resolves when it is over; never rejects. */
  fire(fault: PlannedFault, index: number): Promise<void>;
  atRest(kind: string, look: () => Promise<Seen>): void;
  /** Takes the looks that had to wait until all is at rest. */
  lookAtRest(): Promise<void>;
  complain(complaint: string): void;
  readonly complaints: readonly string[];
  readonly kinds: ReadonlyMap<string, KindReport>;
}

export function createFiring(field: Field, kinds: readonly FaultKind[], seed: number): Firing {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const reports = new Map<string, KindReport>();
  const complaints: string[] = [];
  const looks = new Map<string, () => Promise<Seen>>();

  const note = (kind: FaultKind, change: Partial<KindReport>, seen: Seen = {}) => {
    const known = reports.get(kind.name) ?? { family: kind.family, fired: 0, seen: {} };
    reports.set(kind.name, { ...known, ...change, seen: addSeen(known.seen, seen) });
  };

  async function fire(fault: PlannedFault, index: number): Promise<void> {
    const kind = byName.get(fault.kind);
    if (kind === undefined) throw new Error(`There is no fault ${fault.kind}`);
    const unavailable = kind.unavailable?.(field);
    if (unavailable !== undefined) return note(kind, { unavailable });
    field.say(`${describeFault(fault)}`);
    try {
      const seen = await kind.fire(field, fault, randomOf(seed, index));
      note(kind, { fired: (reports.get(kind.name)?.fired ?? 0) + 1 }, seen);
      field.say(`${fault.kind}, ${fault.target}, is over: ${inWords(seen)}`);
    } catch (error) {
      note(kind, { fired: (reports.get(kind.name)?.fired ?? 0) + 1 });
      complaints.push(`${fault.kind}, ${fault.target}: ${String(error)}`);
      field.say(`${fault.kind}, ${fault.target}, went wrong: ${String(error)}`);
    }
  }

  return {
    fire,
    complaints,
    kinds: reports,
    complain: (complaint) => complaints.push(complaint),
    // The last one of a kind looks at all of them.
    atRest: (kind, look) => looks.set(kind, look),
    async lookAtRest() {
      for (const [name, look] of looks) {
        const kind = byName.get(name);
        if (kind !== undefined) note(kind, {}, await look());
      }
    },
  };
}

export const inWords = (seen: Seen): string =>
  Object.entries(seen)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');

/** Planned, and never fired; or fired, and something that shows it was never seen. */
export const unseen = (plan: readonly PlannedFault[], kinds: ReadonlyMap<string, KindReport>): string[] =>
  [...new Set(plan.map(({ kind }) => kind))].flatMap((name) => {
    const report = kinds.get(name);
    if (report?.unavailable !== undefined) return [];
    if (report === undefined || report.fired === 0) return [`never fired: ${name}`];
    const counts = Object.entries(report.seen);
    if (counts.length === 0) return [`nothing was seen of: ${name}`];
    return counts.filter(([, count]) => count <= 0).map(([what]) => `not seen of ${name}: ${what}`);
  });

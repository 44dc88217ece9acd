/** Messages of Postgres's protocol 3: a type (except the very first of a client), a length that counts itself, a body. */
export type OnMessage = (type: string, body: Buffer) => void;

/** Cuts a stream into messages, wherever its packets end. `hasStartup`: a client's, which begins with one without type. */
export function createMessageSplitter(hasStartup: boolean, onMessage: OnMessage): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isStarting = hasStartup;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const typeBytes = isStarting ? 0 : 1;
      if (rest.length < typeBytes + 4) return;
      const end = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < end) return;
      onMessage(isStarting ? '' : String.fromCharCode(rest[0] ?? 0), rest.subarray(typeBytes + 4, end));
      isStarting = false;
      rest = rest.subarray(end);
    }
  };
}

/** Texts that end with a zero byte, as many as asked for. */
function textsIn(body: Buffer, count: number): string[] {
  const texts: string[] = [];
  let from = 0;
  while (texts.length < count) {
    const end = body.indexOf(0, from);
    if (end < 0) break;
    texts.push(body.toString('utf8', from, end));
    from = end + 1;
  }
  return texts;
}

const isCommit = (text: string | undefined): boolean => /^\s*COMMIT\s*;?\s*$/i.test(text ?? '');

/** Sees a client send a COMMIT off: as a simple query, or as the execution of a statement that was parsed and bound. */
export function createCommitWatch(onCommit: () => void): (chunk: Buffer) => void {
  const statements = new Set<string>();
  const portals = new Set<string>();
  const note = (set: Set<string>, name: string | undefined, isOne: boolean) => {
    if (name === undefined) return;
    if (isOne) set.add(name);
    else set.delete(name);
  };
  return createMessageSplitter(true, (type, body) => {
    if (type === 'Q') {
      if (isCommit(textsIn(body, 1)[0])) onCommit();
    } else if (type === 'P') {
      const [name, text] = textsIn(body, 2);
      note(statements, name, isCommit(text));
    } else if (type === 'B') {
      const [portal, statement] = textsIn(body, 2);
      note(portals, portal, statements.has(statement ?? ''));
    } else if (type === 'E' && portals.has(textsIn(body, 1)[0] ?? '')) onCommit();
  });
}

/** Sees a server say what has become of a transaction. */
export const createOutcomeWatch = (
  onOutcome: (outcome: 'COMMIT' | 'ROLLBACK') => void,
): ((chunk: Buffer) => void) =>
  createMessageSplitter(false, (type, body) => {
    const [tag] = type === 'C' ? textsIn(body, 1) : [];
    if (tag === 'COMMIT' || tag === 'ROLLBACK') onOutcome(tag);
  });

import { type FileHandle, open } from 'node:fs/promises';

export interface StoredMail {
  /** The recipients, comma-separated. */
  readonly to: string;
  readonly subject: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

export interface MailFilter {
  readonly to?: string | undefined;
  readonly last?: number;
  /** How many are passed over, and how many are answered at most. */
  readonly page?: { readonly from: number; readonly limit: number } | undefined;
}

/** Mails in one file, a line of JSON each: only where they are is kept in memory. */
export interface MailStore {
  /** Resolves when the mail is in the file. */
  append(mail: StoredMail): Promise<void>;
  /** A JSON array, oldest first: of all or of one recipient; of these a page, or the last few. */
  json(filter: MailFilter): Promise<string>;
  count(): number;
  clear(): Promise<void>;
  close(): Promise<void>;
}

interface Entry {
  readonly to: string;
  /** In bytes, the line's end excluded. */
  readonly start: number;
  readonly length: number;
}

export async function createMailStore(path: string): Promise<MailStore> {
  const file = await open(path, 'a+');
  let { entries, size } = await index(file);
  let waiting: { lines: { to: string; bytes: Buffer }[]; written: Promise<void> } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  /** Mails that arrive while a write is under way share the next one. */
  function append(mail: StoredMail): Promise<void> {
    const line = { to: mail.to.toLowerCase(), bytes: Buffer.from(`${JSON.stringify(mail)}\n`) };
    if (waiting) waiting.lines.push(line);
    else {
      const lines = [line];
      waiting = { lines, written: inTurn(() => write(lines)) };
    }
    return waiting.written;
  }

  async function write(lines: readonly { to: string; bytes: Buffer }[]): Promise<void> {
    waiting = undefined;
    await file.appendFile(Buffer.concat(lines.map(({ bytes }) => bytes)));
    for (const { to, bytes } of lines) {
      entries.push({ to, start: size, length: bytes.length - 1 });
      size += bytes.length;
    }
  }

  function json({ to, last: count, page }: MailFilter): Promise<string> {
    return inTurn(async () => {
      const wanted = to === undefined ? entries : entries.filter((entry) => isFor(entry, to.toLowerCase()));
      const some = page ? wanted.slice(page.from, page.from + page.limit) : wanted;
      const chosen = count === undefined ? some : some.slice(-count);
      const lines: string[] = [];
      for (const entry of chosen) lines.push(await line(file, entry));
      return `[${lines.join(',\n')}]\n`;
    });
  }

  return {
    append,
    json,
    count: () => entries.length,
    clear: () =>
      inTurn(async () => {
        await file.truncate(0);
        entries = [];
        size = 0;
      }),
    close: () => inTurn(() => file.close()),
  };
}

const isFor = (entry: Entry, to: string): boolean => entry.to.split(', ').includes(to);

async function line(file: FileHandle, { start, length }: Entry): Promise<string> {
  const buffer = Buffer.allocUnsafe(length);
  await file.read(buffer, 0, length, start);
  return buffer.toString('utf8');
}

/** Reads what is there. A last line without its end was never accepted: it is cut off. */
async function index(file: FileHandle): Promise<{ entries: Entry[]; size: number }> {
  const contents = await file.readFile();
  const entries: Entry[] = [];
  let start = 0;
  for (let end = contents.indexOf(10); end !== -1; end = contents.indexOf(10, start)) {
    const { to } = JSON.parse(contents.toString('utf8', start, end)) as StoredMail;
    entries.push({ to: to.toLowerCase(), start, length: end - start });
    start = end + 1;
  }
  if (start < contents.length) await file.truncate(start);
  return { entries, size: start };
}

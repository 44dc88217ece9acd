import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, printable, printableJson, type Terminal, UsageError } from '@skald/command-line';
import { detailAnswer, editAnswer } from './answer.ts';
import type { Client } from './cli-client.ts';
import { type Options, writeName } from './cli-options.ts';

/** Replaces a value: with what is given, or with what the editor makes of it. */
export async function edit(
  client: Client,
  options: Options,
  terminal: Terminal,
  { user, editor }: { user: string; editor: string | undefined },
): Promise<void> {
  const [name] = options.names;
  if (name === undefined) return;
  const path = `/dead-letters/${writeName(name)}`;
  const data = await newValue(client, path, options, editor);
  if (data === unchanged) {
    terminal.say('Nothing was changed.');
    return;
  }
  const { by, reason, event } = options;
  const body = { data, by: by ?? user, reason, ...(event !== undefined && { name: event }) };
  const answer = await client.put(`${path}/value`, body, editAnswer);
  if (options.json) terminal.print(printableJson(answer));
  else terminal.print(`Edited. What a redrive makes of it: npm run dlq -- try ${printable(writeName(name))}`);
}

const unchanged = Symbol('unchanged');

async function newValue(
  client: Client,
  path: string,
  { file, data, event }: Options,
  editor: string | undefined,
): Promise<unknown> {
  if (data !== undefined) return parseJson(data, '--data');
  if (file !== undefined) return parseJson(readGiven(file), file === '-' ? 'standard input' : file);
  if (editor === undefined)
    throw new UsageError('There is no $VISUAL and no $EDITOR: give the new value with --file or --data');
  const { content } = await client.get(path, detailAnswer);
  if ('undecodable' in content && event === undefined)
    throw new CommandError(
      `It can't be decoded (${printable(content.undecodable)}): give the whole new value with --file or --data`,
    );
  const before = 'data' in content ? JSON.stringify(content.data, null, 2) : '{}';
  const after = await editText(`${before}\n`, editor);
  return after.trim() === before.trim() ? unchanged : parseJson(after, 'What you wrote');
}

function readGiven(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new CommandError(`${file} can't be read`, { cause });
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${what} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** In a file that only its owner can read, as it may hold personal data; gone afterwards. */
async function editText(text: string, editor: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dead-letter-'));
  const file = join(folder, 'value.json');
  try {
    writeFileSync(file, text, { mode: 0o600 });
    // An editor may be named with its arguments, as `code --wait` is.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new CommandError(`${editor} ended with ${code ?? 'a signal'}: nothing was changed`);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

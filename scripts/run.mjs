// Behind every script of package.json: makes sure that what a command needs is there, then runs it.
// Plain Node without dependencies, as it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pnpm = 'pnpm@10.34.9';

const everything = ['.'];
/** What `start` runs: the tests may be in any state meanwhile. */
const system = [
  'packages/local-stack',
  'packages/messaging',
  'packages/auditor',
  ...readdirSync(join(root, 'services')).map((name) => `services/${name}`),
];

/** Of each command: what it needs beside Node and the packages, what is compiled first, and the programs it runs, or `builds` between two. */
const commands = {
  start: {
    needs: ['java'],
    builds: system,
    runs: (args) => [['packages/local-stack/dist/main.js', 'start', ...args]],
  },
  stack: {
    needs: ['java'],
    builds: system,
    runs: (args) => [['packages/local-stack/dist/main.js', 'stack', ...args]],
  },
  test: {
    needs: ['java'],
    builds: everything,
    help: `npm test -- [filter …] [options]

Runs the tests on the embedded stack: all, or the files whose path holds a filter (order, e2e, unit …).
Takes vitest's options, such as -t <name>; they are listed by: npx vitest --help`,
    runs: (args) => [
      ['packages/local-stack/dist/main.js', 'resolve'],
      ['node_modules/vitest/vitest.mjs', 'run', ...args],
    ],
  },
  'test:containers': {
    builds: everything,
    runs: (args) => [['tests/dist/containers/main.js', ...args]],
  },
  audit: {
    builds: ['packages/auditor'],
    runs: (args) => [['packages/auditor/dist/main.js', ...args]],
  },
  simulate: {
    builds: everything,
    runs: (args) => [['tests/dist/simulation/main.js', ...args]],
  },
  mutants: {
    builds: everything,
    runs: (args) => [['tests/dist/mutants/main.js', ...args]],
  },
  bench: {
    needs: ['java'],
    builds: everything,
    runs: (args) => [['tests/dist/benchmarks/main.js', ...args]],
  },
  faults: {
    needs: ['java'],
    builds: everything,
    runs: (args) => [['tests/dist/faults/main.js', ...args]],
  },
  soak: {
    needs: ['java'],
    builds: everything,
    runs: (args) => [['tests/dist/faults/soak-main.js', ...args]],
  },
  order: {
    builds: ['packages/order-cli'],
    runs: (args) => [['packages/order-cli/dist/main.js', ...args]],
  },
  dlq: {
    builds: ['services/dead-letters'],
    runs: (args) => [['services/dead-letters/dist/cli-main.js', ...args]],
  },
  replay: {
    builds: ['packages/replay'],
    runs: (args) => [['packages/replay/dist/main.js', ...args]],
  },
  rebuild: {
    builds: ['services/order-view'],
    runs: (args) => [['services/order-view/dist/rebuild-main.js', ...args]],
  },
  screenshots: {
    needs: ['java'],
    builds: everything,
    runs: (args) => [['tests/dist/browser/screenshots-main.js', ...args]],
  },
  build: {
    builds: everything,
    help: 'npm run build\n\nCompiles what has changed to dist/.',
    runs: () => [],
  },
  typecheck: {
    help: 'npm run typecheck\n\nChecks the types of everything, the tests included.',
    runs: () => [
      ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.check.json'],
      // For the browser: other globals, and JSX.
      ['node_modules/typescript/bin/tsc', '-p', 'services/console/page/tsconfig.json'],
    ],
  },
  lint: {
    // Rules that ask for types find those of our own packages in dist/, where a test is in no project of its own.
    builds: everything,
    help: 'npm run lint -- [path …]\n\nFormat, rules, import boundaries: Biome and oxlint. `npm run format` repairs what can be.',
    runs: (args) => [
      ['node_modules/@biomejs/biome/bin/biome', 'check', ...args],
      ['node_modules/oxlint/bin/oxlint', '--type-aware', ...args],
    ],
  },
  format: {
    help: 'npm run format -- [path …]\n\nFormats, sorts imports, and applies the safe repairs.',
    runs: (args) => [['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...args]],
  },
  'schemas:check': {
    builds: ['packages/contracts'],
    runs: (args) => [['packages/contracts/dist/schemas-check-main.js', ...args]],
  },
  generate: {
    // What it writes is a source of the rest.
    builds: ['packages/contracts'],
    runs: (args) => [
      ['packages/contracts/dist/generate/main.js', ...args],
      { builds: ['packages/messaging'] },
      ['packages/messaging/dist/generate-main.js', ...args],
      { builds: [...system, 'packages/documents'] },
      ['packages/documents/dist/main.js', ...args],
    ],
  },
};

/** The command can't be run: the message says what to do. */
class Refusal extends Error {}

const say = (line) => process.stderr.write(`${line}\n`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Refusal(
    `Node ${process.versions.node} is too old: 20.19 or newer is needed (https://nodejs.org, or brew install node)`,
  );
}

const isMac = process.platform === 'darwin';
const installHint = (apt, brew) => (isMac ? `brew install ${brew}` : `sudo apt install ${apt}`);

/** Java by its version; Maven only where the cache is still empty. */
function checkJava() {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const answer = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const hint = installHint('openjdk-17-jre-headless', 'openjdk');
  if (answer.status !== 0) throw new Refusal(`Java is missing (Kafka needs 17 or newer): ${hint}`);
  const version = /version "(?:1\.)?(\d+)/.exec(answer.stderr + answer.stdout)?.[1];
  if (version !== undefined && Number(version) < 17) {
    throw new Refusal(`Java ${version} is too old (Kafka needs 17 or newer): ${hint}`);
  }
  if (!isStackCached() && !isOnPath('mvn')) {
    throw new Refusal(`Maven is missing (it fetches Kafka, once): ${installHint('maven', 'maven')}`);
  }
}

function isStackCached() {
  const cache =
    process.env.SKALD_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'skald');
  return existsSync(join(cache, hashOf('packages/local-stack/pom.xml').slice(0, 12)));
}

const isOnPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const hashOf = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

/** Installs the packages unless those of this very lockfile are there. */
async function install() {
  const marker = join(root, 'node_modules', '.skald-installed');
  const wanted = hashOf('pnpm-lock.yaml', 'package.json', 'pnpm-workspace.yaml');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  say('Installing the packages (a minute, once) …');
  const code = await run('npx', ['-y', pnpm, 'install', '--frozen-lockfile'], { stdout: 'stderr' });
  if (code !== 0) throw new Refusal(`The packages could not be installed (exit code ${code})`);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(marker, wanted);
}

async function build(projects) {
  const startedAt = Date.now();
  const args = ['node_modules/typescript/bin/tsc', '-b', ...projects];
  const code = await run(process.execPath, args, { stdout: 'stderr' });
  if (code !== 0) throw new Refusal(`The build failed (exit code ${code})`);
  if (projects.includes('.') || projects.includes('services/console')) await buildPage();
  if (Date.now() - startedAt > 3_000) say(`Built in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
}

/** The console's page, unless the one of these very sources is there. What it takes from packages/contracts and docs/api is in it, too. */
async function buildPage() {
  const home = join(root, 'services/console');
  const sources = ['services/console/page', 'packages/contracts/src', 'docs/api'].flatMap(filesIn).sort();
  const marker = join(home, 'dist', '.page-built');
  const wanted = hashOf('pnpm-lock.yaml', 'services/console/vite.config.ts', ...sources);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  const args = ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'];
  const code = await run(process.execPath, args, { stdout: 'stderr', cwd: home });
  if (code !== 0) throw new Refusal(`The console’s page could not be built (exit code ${code})`);
  writeFileSync(marker, wanted);
}

const filesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

/**
 * Runs a program to its end and answers its exit code. It has a session of its own, so that Ctrl-C reaches it once, through us;
 * and a channel to us, so that the stack sees when we are killed.
 */
function run(file, args, { stdout = 'inherit', channel = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const output = stdout === 'stderr' ? 2 : 'inherit';
    const child = spawn(file, args, {
      cwd,
      detached: true,
      stdio: ['inherit', output, 'inherit', ...(channel ? ['ipc'] : [])],
    });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const orphaned = watchParents(() => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(orphaned);
      for (const name of signals) process.off(name, forward);
      resolve(signal === null ? code : 128 + (signalNumbers[signal] ?? 0));
    });
  });
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** An npm that was killed can't pass anything on: we see that our parents, its shell and itself, are others than before. */
function watchParents(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const before = parents();
  const timer = setInterval(() => {
    if (parents() === before) return;
    clearInterval(timer);
    onGone();
  }, 250);
  return timer.unref();
}

function parents() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'latin1');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // No /proc on this system: the nearest one alone.
    return String(process.ppid);
  }
}

async function main([name, ...given]) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined)
    throw new Refusal(`There is no command ${name}: ${Object.keys(commands).join(', ')}`);
  const args = given[0] === '--' ? given.slice(1) : given;
  checkNode();
  const wantsHelp = args.includes('--help') || args.includes('-h');
  if (wantsHelp && command.help !== undefined) {
    process.stdout.write(`${command.help}\n`);
    return 0;
  }
  if (command.needs?.includes('java') && !wantsHelp) checkJava();
  await install();
  if (command.builds) await build(command.builds);
  for (const program of command.runs(args)) {
    if (!Array.isArray(program)) {
      await build(program.builds);
      continue;
    }
    const code = await run(process.execPath, program, { channel: name === 'start' || name === 'stack' });
    if (code !== 0) return code;
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
}

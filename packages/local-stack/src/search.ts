import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Java } from './java.ts';
import { host } from './ports.ts';
import { answersOk } from './probes.ts';
import type { SearchRuntime } from './runtime.ts';
import type { ProcessDefinition } from './supervised-process.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

export interface SearchOptions {
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  /** Between its nodes, of which there is one. */
  readonly transportPort: number;
  readonly java: Java;
  runtime(): Promise<SearchRuntime>;
  /** Called right before the program binds its ports. */
  releasePorts(): Promise<void>;
}

export const searchUrl = (port: number): string => `http://${host}:${port}`;

/** OpenSearch, one node, without its plugins. */
export function defineSearch(options: SearchOptions): ProcessDefinition {
  const { directory, port } = options;
  return {
    name: 'search',
    logFile: options.logFile,
    readyWithin: 180_000,
    stopSignal: 'SIGTERM',
    stopWithin: 30_000,
    // Its indexes are open: what answers before is the HTTP server alone.
    answers: () => answersOk(`${searchUrl(port)}/_cluster/health?wait_for_status=yellow&timeout=1s`),
    async command() {
      const { home } = await options.runtime();
      const user = unprivilegedUser([home, directory]);
      for (const folder of ['', 'config', 'data', 'logs', 'tmp']) {
        // Nothing is kept there that a killed one could have left behind.
        if (folder === 'tmp') rmSync(join(directory, folder), { recursive: true, force: true });
        mkdirSync(join(directory, folder), { recursive: true });
        if (user) chownSync(join(directory, folder), user.uid, user.gid);
      }
      writeFileSync(join(directory, 'config', 'opensearch.yml'), '');
      writeFileSync(join(directory, 'config', 'log4j2.properties'), logging);
      await options.releasePorts();
      const settings = Object.entries(settingsOf(options)).map(([name, value]) => `-E${name}=${value}`);
      const folders = [
        `-Dopensearch.path.home=${home}`,
        `-Dopensearch.path.conf=${join(directory, 'config')}`,
      ];
      return {
        file: options.java.file,
        arguments: [
          ...jvm,
          `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
          ...folders,
          '-cp',
          join(home, 'lib', '*'),
          'org.opensearch.bootstrap.OpenSearch',
          ...settings,
        ],
        user,
      };
    },
  };
}

const jvm = [
  '-Xms512m',
  '-Xmx512m',
  // For two cores: no concurrent collector's threads and barriers.
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
  '-Dlog4j2.formatMsgNoLookups=true',
  // As its own launcher says them.
  '-Dopensearch.distribution.type=zip',
  '-Dopensearch.bundled_jdk=false',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory',
];

const settingsOf = ({ directory, port, transportPort }: SearchOptions): Record<string, string | number> => ({
  'network.host': host,
  'http.port': port,
  'transport.port': transportPort,
  'discovery.type': 'single-node',
  'path.data': join(directory, 'data'),
  'path.logs': join(directory, 'logs'),
  // An index that isn't there is made by who knows what is in it.
  'action.auto_create_index': 'false',
  // Of a disk that many share, a percentage says nothing.
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
});

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

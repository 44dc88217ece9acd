import { parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';
import { serviceUrls } from './service-urls.ts';

const schema = z.object({
  ...serviceEnvironment,
  /** Where the services are whose dead letters can be acted upon. */
  SERVICE_URLS: serviceUrls.default({}),
  /** A page that shows a trace: `{traceId}` stands for its id. */
  TRACE_URL: z
    .string()
    .regex(/^https?:\/\/.*\{traceId\}/, 'must be a URL with {traceId} in it')
    .optional(),
});

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);

/** What the command line is told by its surroundings. */
export interface CliSurroundings {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly user: string | undefined;
  /** The program that edits a text file, with its arguments. */
  readonly editor: string | undefined;
}

export function cliSurroundings(environment: NodeJS.ProcessEnv = process.env): CliSurroundings {
  const { DEAD_LETTERS_URL, OPERATOR_TOKEN, USER, LOGNAME, VISUAL, EDITOR } = environment;
  return {
    url: DEAD_LETTERS_URL || undefined,
    token: OPERATOR_TOKEN || undefined,
    user: USER || LOGNAME || undefined,
    editor: VISUAL || EDITOR || undefined,
  };
}

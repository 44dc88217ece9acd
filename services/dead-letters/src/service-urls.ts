import { type GroupName, groupNames } from '@skald/contracts';
import { z } from 'zod';

/** Base URL by service: a dead letter of another one can be looked at, and not acted upon. */
export type ServiceUrls = Readonly<Partial<Record<GroupName, string>>>;

const pair = z.tuple([z.enum(groupNames), z.url({ protocol: /^https?$/ })]);

const shape = { error: `must be <service>=<url>, separated by commas, of ${groupNames.join(', ')}` };

/** `order=http://127.0.0.1:1,payment=http://127.0.0.1:2`, as the variable SERVICE_URLS has it. */
export const serviceUrls = z
  .string()
  .transform((list) =>
    list.split(',').map((entry) => {
      const [name = '', ...url] = entry.trim().split('=');
      return [name, url.join('=').replace(/\/+$/, '')];
    }),
  )
  .pipe(z.array(z.custom<z.infer<typeof pair>>((entry) => pair.safeParse(entry).success, shape)))
  .transform((pairs): ServiceUrls => Object.fromEntries(pairs));

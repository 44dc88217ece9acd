import { companionNames, serviceNames } from '@skald/contracts';
import { z } from 'zod';

/** Base URL by service. */
export type ServiceUrls = Readonly<Record<string, string>>;

const names: readonly string[] = [...serviceNames, ...companionNames];

const isPair = ([name, url]: readonly string[]): boolean =>
  names.includes(name ?? '') && z.url({ protocol: /^https?$/ }).safeParse(url).success;

/** `order=http://127.0.0.1:1,payment=http://127.0.0.1:2`, as the variable SERVICE_URLS has it. */
export const serviceUrls = z
  .string()
  .transform((list) =>
    list.split(',').map((entry) => {
      const [name = '', ...url] = entry.trim().split('=');
      return [name, url.join('=').replace(/\/+$/, '')];
    }),
  )
  .refine((pairs) => pairs.every(isPair), {
    error: `must be <service>=<url>, separated by commas, of ${names.join(', ')}`,
  })
  .transform((pairs): ServiceUrls => Object.fromEntries(pairs));

import { z } from 'zod';

const variables = z.object({
  NO_COLOR: z.string().optional(),
  FORCE_COLOR: z.string().optional(),
});

/** Whether colours are forbidden (https://no-color.org) or asked for; undefined: as the terminal is. */
export function colourWish(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean | undefined {
  const { NO_COLOR, FORCE_COLOR } = variables.parse(environment);
  if (NO_COLOR) return false;
  return FORCE_COLOR && FORCE_COLOR !== '0' ? true : undefined;
}

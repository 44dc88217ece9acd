import { asking } from './witnesses.ts';

const TIMEOUT_MS = 60_000;

/** The JSON that a witness answers. Throws a `WitnessAway` that names it, whatever comes instead. */
export function readJson<Body>(witness: string, url: string): Promise<Body>;
/** `orNone`: undefined where the witness has no such thing. */
export function readJson<Body>(
  witness: string,
  url: string,
  options: { readonly orNone: true },
): Promise<Body | undefined>;
export function readJson<Body>(
  witness: string,
  url: string,
  { orNone = false } = {},
): Promise<Body | undefined> {
  return asking(witness, async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (orNone && response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
    return (await response.json()) as Body;
  });
}

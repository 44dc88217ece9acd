const moneyFormats = new Map<string, Intl.NumberFormat>();

/** @param minorUnits cents */
export function money(minorUnits: number, currency: string): string {
  let format = moneyFormats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat('en', { style: 'currency', currency });
    moneyFormats.set(currency, format);
  }
  return format.format(minorUnits / 100);
}

const numberFormat = new Intl.NumberFormat('en');
export const count = (value: number): string => numberFormat.format(value);

const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
export const timeOfDay = (at: number): string => clock.format(at);

/** `+74 ms`, `+1.20 s`, `+3 min` */
export const since = (ms: number): string => (ms < 0 ? `−${span(-ms)}` : `+${span(ms)}`);

export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} days`;
}

/** Ids of one moment begin alike: the end tells them apart. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id);

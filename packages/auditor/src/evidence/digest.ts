import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_DIGITS = 13;

/**
 * 52 bits that stand for an id: a million ids are held as numbers. They are compared where topic, key and sequence agree
 * already, so that a collision is no matter of a million squared. A UUIDv7's last digits are its random ones.
 */
export function digestId(id: string): number {
  const hex = UUID.test(id) ? id.slice(-17).replace('-', '') : createHash('md5').update(id).digest('hex');
  return Number.parseInt(hex.slice(-HEX_DIGITS), 16);
}

/** Of any bytes; of no bytes another one than of zero. */
export const digestBytes = (bytes: Buffer | null): string =>
  bytes === null ? 'none' : createHash('md5').update(bytes).digest('hex');

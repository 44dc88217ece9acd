/**
 * Loaded into a service (`NODE_OPTIONS=--import=…`): decoding a value that holds this text ends the process, in a way that no
 * handler can catch. It stands for what nobody has thought of; the ways that are known are caught before (bounds.ts).
 */
import avsc from 'avsc';

export const DEADLY = 'nobody survives to decode this';

const decode = avsc.Type.prototype.fromBuffer;
avsc.Type.prototype.fromBuffer = function (this: avsc.Type, buffer: Buffer, ...rest) {
  if (buffer.includes(DEADLY)) process.abort();
  return decode.call(this, buffer, ...rest);
};

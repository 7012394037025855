/** Messages as JSON where only text can travel: typed arrays become base64 and come back as they were. */

const FLOATS = '$float32';
const BYTES = '$uint8';

export function encodeJson(message: unknown): string {
  return JSON.stringify(message, function (this: unknown, key, json: unknown) {
    // As it is in the message: a Buffer has made itself into a list of numbers by now.
    const value: unknown = Reflect.get(Object(this), key);
    if (value instanceof Float32Array) {
      return { [FLOATS]: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    }
    return value instanceof Uint8Array ? { [BYTES]: toBase64(value) } : json;
  });
}

/** @throws Error when the text is not JSON, or what it calls an array is none */
export function decodeJson(text: string): unknown {
  // Looking at every value costs several times the parsing, and most messages hold no arrays.
  if (!text.includes(FLOATS) && !text.includes(BYTES)) return JSON.parse(text);
  return revive(JSON.parse(text));
}

/** In place. JSON.parse's own reviver takes several times as long over arrays of numbers. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (typeof value[i] === 'object') value[i] = revive(value[i]);
    return value;
  }
  const floats: unknown = Reflect.get(value, FLOATS);
  if (typeof floats === 'string') return new Float32Array(fromBase64(floats).buffer);
  const bytes: unknown = Reflect.get(value, BYTES);
  if (typeof bytes === 'string') return fromBase64(bytes);
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object') Reflect.set(value, key, revive(inner));
  }
  return value;
}

const CHUNK = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(binary);
}

/** Where the runtime has it, it takes a fraction of the time. */
const Bytes: Uint8ArrayConstructor & { fromBase64?(text: string): Uint8Array<ArrayBuffer> } = Uint8Array;

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (Bytes.fromBase64) return Bytes.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

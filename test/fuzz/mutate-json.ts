/** JSON changed by someone who knows what readers trip over: types, sizes, keys, patterns, nesting. */
import { mutateBytes } from './mutate-bytes';
import type { Random } from './random';

const encode = (text: string) => new TextEncoder().encode(text);

/** @param donor a whole JSON value; it is not changed */
export function mutateJson(donor: unknown, random: Random): Uint8Array {
  let value = structuredClone(donor);
  for (let changes = 1 + random.below(3); changes > 0; changes--) value = change(value, random);
  const bytes = encode(JSON.stringify(value));
  return random.chance(0.15) ? mutateBytes(bytes, random) : bytes;
}

function change(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.02)) return odd(random);
  const keys = Object.keys(value);
  if (keys.length === 0 || random.chance(0.1)) return grown(value, random);
  const key = random.pick(keys);
  const inner: unknown = Reflect.get(value, key);
  if (typeof inner === 'object' && inner !== null && random.chance(0.8)) {
    Reflect.set(value, key, change(inner, random));
    return value;
  }
  switch (random.below(4)) {
    case 0:
      Reflect.deleteProperty(value, key);
      break;
    case 1:
      Reflect.set(value, key, Reflect.get(value, random.pick(keys)));
      break;
    case 2:
      Reflect.set(value, key, typeof inner === 'number' ? random.pick(NUMBERS) : odd(random));
      break;
    default:
      Reflect.set(value, key, odd(random));
  }
  return value;
}

/** One more entry than there should be, or a thousand. */
function grown(value: object, random: Random): unknown {
  if (Array.isArray(value)) {
    const more = value.length > 0 && random.chance(0.5) ? value[random.below(value.length)] : odd(random);
    return [...value, ...new Array(random.pick([1, 1000])).fill(more)];
  }
  Object.defineProperty(value, random.pick(KEYS), {
    value: odd(random),
    enumerable: true,
    configurable: true,
  });
  return value;
}

const NUMBERS = [-1, 0, 0.5, 1, 7, 300, 1e6, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, -1e308];
const KEYS = ['__proto__', 'constructor', 'toString', 'length', 'type', 'Regex', 'id', ''];
/** What tokenizers read as patterns, texts and types. */
const WORDS = [
  ...[
    '',
    ' ',
    'a',
    'x'.repeat(100_000),
    '\ud800',
    '\u0000',
    '\u2581',
    '__proto__',
    'constructor',
    'hasOwnProperty',
  ],
  ...[
    'BPE',
    'Unigram',
    'WordPiece',
    'Split',
    'ByteLevel',
    'Sequence',
    'Metaspace',
    'Replace',
    'Prepend',
    'Precompiled',
  ],
  ...['(?<=', '[', '\\p{Nope}', '(a|a)*b', '.*', '\\b', '(?i:x)', '{{ 1 }}', '{% for %}'],
];

function odd(random: Random): unknown {
  switch (random.below(8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return random.chance(0.1) ? nested(2000) : nested(3);
    case 6:
      return { [random.pick(KEYS)]: random.pick(WORDS) };
    default:
      return random.pick(WORDS);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { type: 'Sequence', normalizers: value };
  return value;
}

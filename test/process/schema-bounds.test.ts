/** Whatever a message can hold has an end: no text, list or number of the protocol is without a maximum. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import * as protocol from '../../engine/protocol';

/** Where a schema lets something grow without an end, by its path. */
function unbounded(schema: z.core.$ZodType, path: string): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const within = (inner: z.core.$ZodType, step = '') => unbounded(inner, path + step);
  const checks = (def.checks ?? []).map((check) => check._zod.def.check);
  switch (def.type) {
    case 'string':
      return checks.includes('max_length') ? [] : [path];
    case 'number':
      // Measurements are finite and take eight bytes whatever they are; what is counted up to has an end.
      return !('format' in def) || checks.includes('less_than') ? [] : [path];
    case 'array':
      return [...(checks.includes('max_length') ? [] : [path]), ...within(def.element, '[]')];
    case 'tuple':
      return def.items.flatMap((item, i) => within(item, `[${i}]`));
    case 'record':
      return [...within(def.keyType, '{key}'), ...within(def.valueType, '{}')];
    case 'object':
      return Object.entries(def.shape).flatMap(([key, inner]) => within(inner, `.${key}`));
    case 'union':
      return def.options.flatMap((option, i) => within(option, `|${i}`));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return within(def.innerType);
    case 'pipe':
      return [...within(def.in), ...within(def.out)];
    case 'literal':
    case 'enum':
    case 'boolean':
    case 'null':
    case 'undefined':
    // Typed arrays, held to the size of a message; and params, checked by the method's own schema.
    case 'custom':
    case 'unknown':
      return [];
    default:
      throw new Error(`${path}: ${def.type} is not known to this test`);
  }
}

const named = Object.entries(protocol).flatMap(([name, value]) =>
  value instanceof z.ZodType ? [[name, value] as const] : [],
);
const methods = Object.entries(protocol.METHODS).flatMap(([name, { params, result }]) => [
  [`${name} params`, params] as const,
  [`${name} result`, result] as const,
]);

it.each([...named, ...methods])('%s', (name, schema) => {
  expect(unbounded(schema, name)).toEqual([]);
});

it('finds what has no end', () => {
  const endless = z.object({
    a: z.string(),
    b: z.array(z.int().min(0)).max(3),
    c: z.union([z.null(), z.array(z.string().max(3))]).optional(),
    d: z.record(z.string().max(3), z.number()).default({}),
  });
  expect(unbounded(endless, 'x')).toEqual(['x.a', 'x.b[]', 'x.c|1']);
});

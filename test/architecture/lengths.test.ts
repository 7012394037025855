import { describe, expect, it } from 'vitest';
import { checkLengths, tooLong } from './lengths';

const lines = (count: number) => 'a();\n'.repeat(count);

describe('lengths', () => {
  it('hold in this checkout', () => {
    expect(checkLengths('.')).toEqual([]);
  });

  it.each([
    ['a declaration', (body: string) => `function f() {\n${body}}`],
    ['an arrow', (body: string) => `const f = () => {\n${body}};`],
    ['a method', (body: string) => `class A { f() {\n${body}} }`],
    ['a component', (body: string) => `export const F = memo(function F() {\n${body}});`],
  ])('refuse %s of more than 60 lines', (_, write) => {
    expect(tooLong('renderer/a.tsx', write(lines(58)))).toEqual([]);
    expect(tooLong('renderer/a.tsx', `a();\n${write(lines(59))}`)).toEqual([
      'renderer/a.tsx:2 is a function of 61 lines, more than 60',
    ]);
  });

  it('refuse a file of more than 250 lines', () => {
    expect(tooLong('engine/a.ts', lines(250))).toEqual([]);
    expect(tooLong('engine/a.ts', lines(251))).toEqual([
      'engine/a.ts:1 is a file of 251 lines, more than 250',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { checkRooms, importsOf, readRooms, violations } from './rooms';

const TABLE = `
| room | what it is for | may import |
|---|---|---|
| \`engine/protocol\` | the contract | nothing of ours |
| \`engine/onnx/views\` | views | \`engine/protocol\` |
| \`engine/slot\` | the method | \`engine/protocol\`, \`engine/onnx\` |

text`;

function found(file: string, text: string): string[] {
  return violations(readRooms(TABLE), importsOf(file, text), [file]);
}

describe('rooms', () => {
  it('hold in this checkout', () => {
    expect(checkRooms('.')).toEqual([]);
  });

  it('let a room import its row, and rooms within those', () => {
    expect(found('engine/slot/step.ts', "import { a } from '../protocol';")).toEqual([]);
    expect(found('engine/slot/step.ts', "import { a } from '../onnx/views/dense';")).toEqual([]);
    expect(found('engine/slot/step.ts', "import { a } from './adamw'; import fs from 'node:fs';")).toEqual(
      [],
    );
  });

  it.each([
    "import { a } from '../slot/step';",
    "import type { A } from '../slot/step';",
    "export * from '../slot/step';",
    "export { a } from '../slot/step';",
    "const a = await import('../slot/step');",
    "type A = import('../slot/step').A;",
    "import '../slot/step.css';",
    "new Worker(new URL('../slot/step.ts', import.meta.url));",
  ])('forbid %s against the arrows', (text) => {
    const [line, ...more] = found('engine/protocol/messages.ts', text);
    expect(line).toContain('engine/protocol may import nothing of ours');
    expect(more).toEqual([]);
  });

  it('tell of a file without a room, a circle, and a name that is no room', () => {
    expect(found('engine/other/file.ts', '')).toEqual([
      'engine/other/file.ts lies in no room of ARCHITECTURE.md',
    ]);
    const circle = TABLE.replace('nothing of ours', '`engine/slot`');
    const rooms = readRooms(circle);
    expect(violations(rooms, [], []).join()).toContain('engine/slot stands in a circle');
    expect(() => readRooms(TABLE.replace('`engine/onnx`', '`engine/onx`'))).toThrow(
      '"engine/onx", which is no room',
    );
  });
});

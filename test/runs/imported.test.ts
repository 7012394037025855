/** Files that are imported as runs: one whole run in lines, or one line that says which line is wrong. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/protocol';
import { RunStore } from '../../engine/runs/store';
import { COMPLETE_RUN, RUN_ID, STARTED, token } from '../renderer/run-events';

const LINES = COMPLETE_RUN.map((event) => JSON.stringify(event));
const END = LINES.at(-1)!;

let folder: string;
let store: RunStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slot-imported-'));
  store = new RunStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, string[], RegExp]>([
  ['nothing', [], /^line 1: .*run\.started/],
  ['an empty line', [''], /^line 1: it is not JSON$/],
  ['another event first', LINES.slice(1), /^line 1: a run begins with "run.started"$/],
  ['a second run', [LINES[0]!, LINES[1]!, ...LINES], /^line 3: a second run begins here/],
  ['the same run once more', [...LINES, ...LINES], new RegExp(`^line ${LINES.length + 1}: a second run`)],
  ['no end', LINES.slice(0, 5), /^line 5: the file ends before the run does/],
  ['events after its end', [LINES[0]!, END, LINES[2]!, LINES[3]!], /^line 3: there is more after the end/],
  ['a second end', [...LINES, '{"type":"run.cancelled"}'], new RegExp(`^line ${LINES.length + 1}: there is`)],
  ['an empty line amid it', LINES.toSpliced(2, 0, ''), /^line 3: it is not JSON$/],
  ['a line of something else', ['{"type":"message"}'], /^line 1: it is no event of a run$/],
  ['an evaluation', ['{"kind":"evaluation","manifest":{"v":1}}'], /^line 1: it begins an evaluation, not/],
  ['a list', LINES.toSpliced(2, 0, '[]'), /^line 3: /],
  ['null', LINES.toSpliced(2, 0, 'null'), /^line 3: /],
  [
    'a token without an id',
    [LINES[0]!, JSON.stringify({ ...token('slot', 0, 1, 'x'), id: undefined }), END],
    /^line 2: id: /,
  ],
  [
    'a number where a lane is named',
    [LINES[0]!, JSON.stringify({ ...token('slot', 0, 1, 'x'), lane: 7 }), END],
    /^line 2: lane: /,
  ],
  [
    'a wrong number deep within it',
    [LINES[0]!, JSON.stringify({ ...token('slot', 0, 1, 'x'), top: [{ id: 'one' }] }), END],
    /^line 2: top\.0\.id: /,
  ],
])('refuses a file with %s, and stores nothing', async (_, lines, message) => {
  await expect(store.import(lines.map((line) => `${line}\n`).join(''))).rejects.toMatchObject({
    code: 'not-a-run',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/JSON Lines/),
  });
  expect(store.list()).toEqual([]);
});

it.each<[string, string]>([
  ['a last line without an end', LINES.join('\n')],
  ['lines as Windows ends them', LINES.map((line) => `${line}\r\n`).join('')],
])('takes %s', async (_, text) => {
  expect(await store.import(text)).toBe(RUN_ID);
  expect(store.read(RUN_ID).events).toEqual(COMPLETE_RUN);
  expect(store.list()[0]).toMatchObject({ outcome: 'done', damage: null, tokens: 5 });
});

const DONE: RunEvent = { type: 'run.done', ms: { load: 0, prefill: 1, slot: 1, decode: 1 } };
const failed = (lane: string): RunEvent => ({
  type: 'lane.failed',
  lane,
  code: 'not-finite',
  message: 'no',
  hint: '',
});

it.each<[string, RunEvent[]]>([
  ['cancelled', [{ type: 'run.cancelled' }]],
  ['failed', [{ type: 'run.failed', kind: 'failure', code: 'runtime', message: 'no', hint: '' }]],
  ['failed', [failed('slot'), failed('baseline'), DONE]],
  ['done', [failed('slot'), DONE]],
])('takes a run as %s that ended by %j', async (outcome, ends) => {
  await store.import([STARTED, ...ends].map((event) => JSON.stringify(event)).join('\n'));
  expect(store.list()).toMatchObject([{ outcome, tokens: 0 }]);
});

it('takes another id where a deleted run has it, which may come back', async () => {
  await store.import(LINES.join('\n'));
  store.delete(RUN_ID);
  const copy = await store.import(LINES.join('\n'));
  expect(copy).not.toBe(RUN_ID);
  expect(readdirSync(join(folder, 'runs'))).toEqual([copy]);
  store.restore(RUN_ID);
  expect(store.list()).toHaveLength(2);
});

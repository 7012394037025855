/** Selection's edges, token groups through the tokenizer, and a step's lists from given vectors. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupInfo, resolveGroups } from '../../engine/analysis/groups';
import { largest, rank, smallest } from '../../engine/analysis/select';
import { summariseShift } from '../../engine/analysis/shifts';
import { readModelFolder } from '../../engine/model/folder';
import { readTokenizer } from '../../engine/model/folder-parts';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { writeDecoder } from '../../fixtures/decoder';
import { uniform } from '../../fixtures/random-fill';
import { temporaryFolder } from '../../fixtures/runs';
import { matchTokens } from '../../renderer/run/vocabulary/match';

const { NaN: nan, POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;

describe('the largest', () => {
  it.each<[number[], number, number[]]>([
    [[1, 3, 2], 2, [1, 2]],
    [[2, 2, 2, 2], 3, [0, 1, 2]],
    [[1, 2, 2, 3, 2], 3, [3, 1, 2]],
    [[nan, 1, nan, 2], 3, [3, 1]],
    [[nan, nan], 1, []],
    [[1, 2], 5, [1, 0]],
    [[], 3, []],
    [[1, 2], 0, []],
    [[down, up, 0, down], 4, [1, 2, 0, 3]],
    [[down, nan, down], 2, [0, 2]],
    [[0, -0], 2, [0, 1]],
  ])('of %j: %i are %j', (values, k, expected) => {
    expect(largest(values, k)).toEqual(expected);
    expect(
      smallest(
        Float32Array.from(values, (value) => -value),
        k,
      ),
    ).toEqual(expected);
  });

  it('are those of a full sort', () => {
    const random = uniform(1);
    const values = Float32Array.from({ length: 5000 }, () => Math.floor(100 * random()));
    const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
    for (const k of [1, 20, 999, 5000]) expect(largest(values, k)).toEqual(sorted.slice(0, k));
    for (const [place, id] of sorted.entries()) {
      if (place % 97 === 0)
        expect(rank(values, id)).toBe(values.filter((value) => value > values[id]!).length);
    }
  });
});

const folder = writeDecoder(join(temporaryFolder(), 'model'), { layers: 1 });
const tokenizer = new Tokenizer(readModelFolder(folder.folder, null));
const V = folder.options.vocab;
const textsOf = (ids: readonly number[]) => ids.map((id) => tokenizer.text(id));
const groupsOf = (...own: Parameters<typeof resolveGroups>[3] & object) =>
  Object.fromEntries(resolveGroups(tokenizer, V, [2, 0], own).map(({ name, ids }) => [name, textsOf(ids)]));

describe('groups', () => {
  it('hold the spellings that are one token', () => {
    expect(groupsOf()).toEqual({
      reasoning: [' think', 'think', ' step'],
      digits: [...'0123456789'],
      'modal verbs': [' should', ' will'],
      'end tokens': ['<|endoftext|>', '<|im_end|>'],
    });
  });

  it('hold numbers of several digits, with the space of either kind of tokenizer, and nothing with a letter', () => {
    const pieces = ['7', '42', '\u012010', '\u25812024', '3.5', '4th', 'a1', '-1', '\u0120', '000'];
    const path = join(temporaryFolder(), 'numbers');
    mkdirSync(path);
    const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
    const json = { version: '1.0', model: { type: 'WordLevel', vocab, unk_token: '7' } };
    writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(json));
    const numbers = new Tokenizer({ path, tokenizer: readTokenizer(path, undefined) });
    const digits = resolveGroups(numbers, pieces.length, []).find(({ name }) => name === 'digits');
    expect(digits?.ids.map((id) => pieces[id])).toEqual(['7', '42', '\u012010', '\u25812024', '000']);
  });

  it('of one’s own take words and a pattern, each token once', () => {
    const own = groupsOf(
      { name: 'both', words: ['apples', 'think', 'unheard-of'], pattern: 'think$' },
      { name: 'letters', words: [], pattern: '^[x-z]$' },
      { name: 'unused', words: [], pattern: '^<unused 38\\d>$' },
    );
    expect(own.both!.sort()).toEqual([' apples', ' think', 'think']);
    expect(own.letters).toEqual(['x', 'y', 'z']);
    expect(own.unused).toEqual(['<unused 380>', '<unused 381>', '<unused 382>', '<unused 383>']);
  });

  it('of one’s own have the members that the window finds, also those that no word is encoded as', () => {
    const path = join(temporaryFolder(), 'metaspace');
    mkdirSync(path);
    const vocab = { '<unk>': 0, '\u2581step': 1, step: 2, Step: 3, steps: 4 };
    const metaspace = { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always' };
    const json = {
      version: '1.0',
      model: { type: 'WordLevel', vocab, unk_token: '<unk>' },
      pre_tokenizer: metaspace,
      decoder: metaspace,
    };
    writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(json));
    const pieces = new Tokenizer({ path, tokenizer: readTokenizer(path, undefined) });
    const texts = Object.values(vocab).map((id) => pieces.text(id));
    expect(texts).toEqual(['<unk>', ' step', 'step', 'Step', 'steps']);
    const words = ['step'];
    const group = resolveGroups(pieces, texts.length, [], [{ name: 'mine', words }]).at(-1);
    expect(group?.ids).toEqual([1, 2, 3]);
    expect([...matchTokens(texts, { kind: 'group', words })]).toEqual(group?.ids);
  });

  it('of one’s own are told apart from others of the same name, and take flags', () => {
    const own = groupsOf(
      { name: 'digits', words: ['think'] },
      { name: 'digits', words: [], pattern: '^THINK$', flags: 'i' },
    );
    expect(own.digits).toEqual([...'0123456789']);
    expect(own['digits (own)']).toEqual([' think', 'think']);
    expect(own['digits (own 2)']).toEqual(['think']);
  });

  it('are told with the text of each token', () => {
    const [reasoning] = groupInfo(resolveGroups(tokenizer, V, []), tokenizer);
    expect(reasoning?.name).toBe('reasoning');
    expect(reasoning?.tokens.map(({ token }) => token)).toEqual([' think', 'think', ' step']);
    expect(textsOf(reasoning?.tokens.map(({ id }) => id) ?? [])).toEqual([' think', 'think', ' step']);
  });

  it('leave out tokens without a logit', () => {
    const groups = resolveGroups(
      tokenizer,
      10,
      [2, 10, 500],
      [{ name: 'all', words: ['think'], pattern: '.' }],
    );
    for (const { ids } of groups) for (const id of ids) expect(id).toBeLessThan(10);
    expect(groups.find(({ name }) => name === 'end tokens')!.ids).toEqual([2]);
  });

  it('refuse a pattern that is none, by the group’s name', () => {
    expect(() => groupsOf({ name: 'mine', words: [], pattern: '(' })).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'group-pattern',
        message: expect.stringContaining('"mine"'),
      }),
    );
  });
});

describe('a step’s summary', () => {
  // Four tokens: A to D.
  const [A, B, C, D] = [68, 69, 70, 71] as const;
  const vector = (values: Record<number, number>) => {
    const all = new Float32Array(V);
    for (const [id, value] of Object.entries(values)) all[Number(id)] = value;
    return all;
  };
  const shift = vector({ [A]: 4, [B]: 1, [C]: -3, [D]: -1 });
  const base = vector({ [A]: 0.125, [B]: 0.125, [C]: 0.5, [D]: 0.25 });
  const adapted = vector({ [A]: 0.25, [B]: 0.5, [C]: 0.125, [D]: 0.125 });
  const groups = [
    { name: 'AC', ids: [A, C] },
    { name: 'nobody', ids: [] },
  ];
  const summary = summariseShift(shift, adapted, base, { tokenizer, groups, listLength: 2 });

  it('ranks by shift and by mass moved, raw', () => {
    expect(summary.boosted).toEqual([
      { id: A, token: 'A', shift: 4, massMoved: 0.125 },
      { id: B, token: 'B', shift: 1, massMoved: 0.375 },
    ]);
    expect(summary.suppressed.map(({ token, shift }) => [token, shift])).toEqual([
      ['C', -3],
      ['D', -1],
    ]);
    expect(summary.gained.map(({ token }) => token)).toEqual(['B', 'A']);
    expect(summary.lost.map(({ token, massMoved }) => [token, massMoved])).toEqual([
      ['C', -0.375],
      ['D', -0.125],
    ]);
  });

  it('centres by the adapted model’s mean, and averages groups', () => {
    expect(summary.shiftMean).toBe(4 * 0.25 + 0.5 - 3 * 0.125 - 0.125);
    expect(summary.groups).toEqual([{ name: 'AC', meanShift: 0.5, massMoved: -0.25 }]);
  });
});

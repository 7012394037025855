/** Which tokens a search or a group's definition means, and a vocabulary packed for the worker. */
import { describe, expect, it } from 'vitest';
import {
  matchTokens,
  packTokens,
  parseQuery,
  queryProblem,
  unpackTokens,
} from '../../../../renderer/run/vocabulary/match';

describe('filter', () => {
  const tokens = ['think', ' think', 'Think', '\n', '·', 'a/b', ' 12', '7'];
  const ids = (input: string) => {
    const query = parseQuery(input);
    if (!query) throw new Error('no query');
    return [...matchTokens(tokens, query)];
  };

  it('takes text as it is, signs of the screen included', () => {
    expect(parseQuery('')).toBeNull();
    expect(ids('think')).toEqual([0, 1]);
    expect(ids('·think')).toEqual([1]);
    expect(ids('·')).toEqual([1, 4, 6]);
    expect(ids('↵')).toEqual([3]);
    expect(ids('/')).toEqual([5]);
    expect(ids('a/b')).toEqual([5]);
  });

  it('takes a pattern between slashes', () => {
    expect(ids('/^ ?think$/i')).toEqual([0, 1, 2]);
    expect(ids('/\\d/g')).toEqual([6, 7]);
    expect(ids('/^\\p{N}+$/')).toEqual([7]);
  });

  it('takes an id: with #, and bare beside the texts that have the digits', () => {
    expect(ids('#6')).toEqual([6]);
    expect(ids('7')).toEqual([7]);
    expect(ids('2')).toEqual([2, 6]);
    expect(ids('#8')).toEqual([]);
    expect(ids('#x')).toEqual([]);
    expect(ids(' 12')).toEqual([6]);
    expect(queryProblem(parseQuery('#99999999999'))).toBeNull();
    for (const text of ['a12', '12 b', 'the#12', '12345678901'])
      expect(parseQuery(text)).toEqual({ kind: 'text', text });
    expect(parseQuery('#123')).toEqual({ kind: 'id', tokenId: 123, text: null });
    expect(parseQuery('123')).toEqual({ kind: 'id', tokenId: 123, text: '123' });
  });

  it('says what is wrong with a pattern', () => {
    expect(queryProblem(parseQuery('/(/'))).toBe('Unterminated group');
    expect(queryProblem(parseQuery('/a/q'))).toMatch(/flags/);
    expect(queryProblem(parseQuery('('))).toBeNull();
    expect(queryProblem({ kind: 'group', words: [], pattern: '[' })).toMatch(/Unterminated/);
    expect(queryProblem({ kind: 'group', words: ['['] })).toBeNull();
  });

  it('resolves a group as the engine does: spellings of words, or a pattern', () => {
    const query = { kind: 'group' as const, words: ['think'], pattern: '^\\d$' };
    expect([...matchTokens(tokens, query)]).toEqual([0, 1, 2, 7]);
    expect([...matchTokens(tokens, { kind: 'group', words: [], pattern: '^t', flags: 'i' })]).toEqual([0, 2]);
  });

  it('is right over 150,000 tokens, and a vocabulary survives its packing', () => {
    const many = Array.from({ length: 150_000 }, (_, id) => (id % 3 === 0 ? `tok${id}` : `w${id} é`));
    expect(unpackTokens(packTokens(many))).toEqual(many);
    expect(unpackTokens(packTokens(['', 'a', '', '🙂', '']))).toEqual(['', 'a', '', '🙂', '']);
    const found = matchTokens(many, { kind: 'pattern', pattern: '^tok\\d*9$' });
    expect(Array.from(found)).toEqual(many.flatMap((_, id) => (id % 3 === 0 && id % 10 === 9 ? [id] : [])));
  });
});

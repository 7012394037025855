/** Token groups as they are typed: words, patterns, and what is wrong with them. */
import { describe, expect, it } from 'vitest';
import { compilePattern, distinctName, readMembers, writeMembers } from '../../engine/protocol';
import { matchTokens, type Query } from '../../renderer/run/vocabulary/match';
import { checkDraft, DEFAULT_DRAFT } from '../../renderer/state/draft';
import { draftGroups } from '../../renderer/state/group-draft';

const draft = (words: string) => ({ ...DEFAULT_DRAFT, prompt: 'x', groups: [{ name: 'own', words }] });

describe('a group of one’s own', () => {
  it('takes words or a pattern, into the run’s settings', () => {
    expect(readMembers('so, thus ,')).toEqual({ words: ['so', 'thus'] });
    expect(checkDraft(draft('/^ap{1,2}/')).config?.groups).toEqual([
      { name: 'own', words: [], pattern: '^ap{1,2}' },
    ]);
  });

  it('takes the flags after a pattern, as the filter does', () => {
    expect(readMembers(' /moon/i ')).toEqual({ words: [], pattern: 'moon', flags: 'i' });
    expect(compilePattern({ pattern: 'moon', flags: 'i' }).test(' Moonlight')).toBe(true);
    // A place kept between tests would let every other token go by.
    const global = compilePattern({ pattern: 'a', flags: 'gy' });
    expect([global.test('a'), global.test('a')]).toEqual([true, true]);
    expect(compilePattern({ pattern: '[\\p{L}--[a-z]]', flags: 'v' }).test('é')).toBe(true);
    expect(checkDraft(draft('/moon/q')).problems.get('groups.0.words')).toMatch(
      /^Not a regular expression: .*flags/i,
    );
  });

  it('takes words that have slashes, and no pattern among words', () => {
    expect(readMembers('a/b, /usr')).toEqual({ words: ['a/b', '/usr'] });
    expect(readMembers('sun, /moon/i')).toEqual({
      problem: '/moon/i is a pattern, which stands alone: give words or one /pattern/, not both.',
    });
  });

  it('differs in name from the others', () => {
    const groups = [
      { name: 'so', words: 'so' },
      { name: ' so ', words: 'thus' },
    ];
    const { problems } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'x', groups });
    expect([...problems]).toEqual([['groups.1.name', 'Another group has this name.']]);
    expect(distinctName('digits', ['digits', 'digits (own)'], 'own')).toBe('digits (own 2)');
    expect(distinctName('moon', ['digits'], 'own')).toBe('moon');
  });

  it('says beside the field what is wrong with a pattern', () => {
    const { config, problems } = checkDraft(draft('/(/'));
    expect(config).toBeNull();
    expect(problems.get('groups.0.words')).toBe('Not a regular expression: Unterminated group.');
    expect(checkDraft(draft(' , ')).problems.get('groups.0.words')).toMatch(/Give it words/);
  });

  it('is followed as soon as it is well written, whatever the others are', () => {
    const groups = [
      { name: 'broken', words: '/(/' },
      { name: '', words: 'nameless' },
      { name: 'fine', words: 'so' },
      { name: '', words: '' },
    ];
    expect(draftGroups(groups)).toEqual([{ name: 'fine', words: ['so'] }]);
  });

  it('is written back as it would be typed, both kinds at once too', () => {
    expect(writeMembers({ words: ['so', 'thus'] })).toBe('so, thus');
    expect(writeMembers({ words: [], pattern: '^a,b' })).toBe('/^a,b/');
    const both = readMembers(writeMembers({ words: ['a.b'], pattern: '^\\d$' }));
    if ('problem' in both) throw new Error(both.problem);
    const tokens = ['7', 'a.b', ' A.b', 'axb', '12'];
    const query: Query = { kind: 'group', ...both };
    expect([...matchTokens(tokens, query)]).toEqual([0, 1, 2]);
    expect(writeMembers({ words: [], pattern: 'moon', flags: 'i' })).toBe('/moon/i');
  });

  it.each([['a, b'], ['/moon/i'], [','], [' so']])('is the same tokens again with the word %j', (word) => {
    const members = { words: ['so', word] };
    const again = readMembers(writeMembers(members));
    if ('problem' in again) throw new Error(again.problem);
    const tokens = ['so', ' So', word, ` ${word}`, 'a', 'b', 'moon', '', 'sob'];
    const found = (own: typeof again) => [...matchTokens(tokens, { kind: 'group', ...own })];
    expect(found(again)).toEqual(found(members));
    expect(found(again)).toContain(2);
  });
});

/** Token groups as they are typed: words, patterns, and what is wrong with them. */
import { describe, expect, it } from 'vitest';
import { checkDraft, DEFAULT_DRAFT, draftGroups } from '../../renderer/state/draft';
import { readMembers, writeMembers } from '../../renderer/state/group-draft';
import { matchTokens } from '../../renderer/vocabulary/match';

const draft = (words: string) => ({ ...DEFAULT_DRAFT, prompt: 'x', groups: [{ name: 'own', words }] });

describe('a group of one’s own', () => {
  it('takes words or a pattern, into the run’s settings', () => {
    expect(readMembers('so, thus ,')).toEqual({ words: ['so', 'thus'] });
    expect(checkDraft(draft('/^ap{1,2}/')).config?.groups).toEqual([
      { name: 'own', words: [], pattern: '^ap{1,2}' },
    ]);
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
    const query = { kind: 'group', words: both.words, pattern: both.pattern ?? null } as const;
    expect([...matchTokens(tokens, query)]).toEqual([0, 1, 2]);
  });
});

/** Template variables as typed: what a run gets, what is said of what it cannot get, and the way back from a stored run. */
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../engine/protocol';
import { diffSettings } from '../../../renderer/compare/settings-diff';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { checkDraft, DEFAULT_DRAFT, type Draft } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';
import { withVariable } from '../../../renderer/state/template-draft';

function draft(rows: readonly [string, string][], date = ''): Draft {
  const variables = rows.map(([name, value]) => ({ name, value }));
  return { ...DEFAULT_DRAFT, prompt: 'x', template: { variables, date } };
}

describe('what is typed', () => {
  it('reaches the run as JSON where it is JSON, as text where it is none, and not at all where it is empty', () => {
    const typed = draft(
      [
        ['enable_thinking', 'false'],
        ['date_string', '26 July 2024'],
        ['tools_in', '{"a": [1, null]}'],
        ['quoted', '"true"'],
        ['unset', ''],
        ['', ''],
      ],
      '2024-07-26',
    );
    expect(checkDraft(typed).config?.template).toEqual({
      variables: {
        enable_thinking: false,
        date_string: '26 July 2024',
        tools_in: { a: [1, null] },
        quoted: 'true',
      },
      date: '2024-07-26',
    });
  });

  it('is kept from raw text, which goes through no template', () => {
    const typed: Draft = { ...draft([['a', '1']]), promptKind: 'raw' };
    expect(checkDraft(typed).config?.template).toEqual({ variables: {}, date: null });
  });

  it.each<[string, [string, string][], string, string]>([
    ['template.0.value', [['a', 'False']], '', 'write false'],
    ['template.0.variable', [['', '1']], '', 'a name'],
    ['template.0.variable', [['a b', '1']], '', 'Letters'],
    ['template.0.variable', [['1a', '1']], '', 'Letters'],
    ['template.0.variable', [['__proto__', '1']], '', 'Letters'],
    [
      'template.1.variable',
      [
        ['a', '1'],
        [' a', '2'],
      ],
      '',
      'twice',
    ],
    ['template.0.value', [['a', `${'['.repeat(50)}${']'.repeat(50)}`]], '', 'deep'],
    ['template.date', [], '2024-02-30', 'Not a day'],
  ])('is refused at %s: %j %s', (field, rows, date, words) => {
    const { config, problems } = checkDraft(draft(rows, date));
    expect(config).toBeNull();
    expect([...problems]).toEqual([[field, expect.stringContaining(words)]]);
  });

  it('is set and taken out by name, and keeps its place', () => {
    const { template } = draft([
      ['a', '1'],
      ['b', '2'],
    ]);
    const names = (changed: typeof template) => changed.variables.map(({ name, value }) => name + value);
    expect(names(withVariable(template, 'a', '3'))).toEqual(['a3', 'b2']);
    expect(names(withVariable(template, 'c', '3'))).toEqual(['a1', 'b2', 'c3']);
    expect(names(withVariable(template, 'a', ''))).toEqual(['b2']);
  });
});

describe('a stored run', () => {
  const values = ['text', 'true', '1', '', ' ', 'None', '"q"', true, null, 1.5, [], { a: 'b' }];
  const variables = Object.fromEntries(values.map((value, i) => [`v${i}`, value]));
  const config = {
    ...checkDraft(draft([])).config!,
    template: { variables, date: '2024-07-26' },
  };

  it('is taken up again value by value', () => {
    const { template } = draftOfRun(config, DEFAULT_DRAFT);
    expect(checkDraft({ ...DEFAULT_DRAFT, prompt: 'x', template }).config?.template).toEqual(config.template);
  });

  it('differs from another by them', () => {
    const side = (template: RunConfig['template']) => {
      const settings = { ...config.lanes[0]! };
      return { view: { ...EMPTY_RUN, config: { ...config, template } }, lane: { settings, prompt: null } };
    };
    const a = { variables: { enable_thinking: false }, date: null };
    const b = { variables: { enable_thinking: 'false' }, date: '2024-07-26' };
    expect(diffSettings(side(a), side(b)).differing).toEqual([
      {
        name: 'template variables',
        a: 'enable_thinking=false',
        b: 'enable_thinking="false", date 2024-07-26',
      },
    ]);
  });
});

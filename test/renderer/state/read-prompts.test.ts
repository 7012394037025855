/** A list of prompts from whatever it is written in. */
import { describe, expect, it } from 'vitest';
import { MAX_SET_LENGTH, MAX_SET_PROMPTS } from '../../../renderer/state/prompts-state';
import { readPrompts } from '../../../renderer/state/read-prompts';

const read = (text: string, file: string | null = null) => {
  const outcome = readPrompts(text, file);
  return 'problem' in outcome
    ? outcome.problem
    : outcome.prompts.map(({ system, prompt }) => [system, prompt]);
};

describe('a list of prompts', () => {
  it.each([
    [
      'lines',
      ' One? \r\n\nTwo?\n',
      null,
      [
        [null, 'One?'],
        [null, 'Two?'],
      ],
    ],
    [
      'parts between rules',
      'One\nmore\n---\n\nTwo\n----\n',
      null,
      [
        [null, 'One\nmore'],
        [null, 'Two'],
      ],
    ],
    [
      'JSON Lines',
      '{"question":"One?","answer":"1"}\n\n{"system":"S","prompt":"Two?"}',
      'a.jsonl',
      [
        [null, 'One?'],
        ['S', 'Two?'],
      ],
    ],
    [
      'a chat a line',
      '{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Hi"}]}',
      null,
      [['S', 'Hi']],
    ],
    [
      'a JSON array',
      '["One", {"text": "Two"}]',
      null,
      [
        [null, 'One'],
        [null, 'Two'],
      ],
    ],
    [
      'one JSON object over lines',
      '["One",\n"Two"]',
      'a.json',
      [
        [null, 'One'],
        [null, 'Two'],
      ],
    ],
    ['JSON after a space', ' \n ["One"]', null, [[null, 'One']]],
    [
      'lines with brackets in them, and dashes that are no rules',
      'Is [1] odd?\nx{2} ---\n--- or not\na --- b',
      null,
      [
        [null, 'Is [1] odd?'],
        [null, 'x{2} ---'],
        [null, '--- or not'],
        [null, 'a --- b'],
      ],
    ],
    ['a bracket within the first word', 'f(x)[0] is?', null, [[null, 'f(x)[0] is?']]],
    [
      'parts between rules with spaces around them',
      'One\n  ---  \nTwo\nmore',
      null,
      [
        [null, 'One'],
        [null, 'Two\nmore'],
      ],
    ],
    [
      'CSV',
      'id,Question,system\n1,"One, and\nmore?",S\n2,Two?,\n3,,\n',
      'a.csv',
      [
        ['S', 'One, and\nmore?'],
        ['', 'Two?'],
      ],
    ],
    [
      'CSV of one column',
      'whatever\nOne\nTwo\n',
      'a.csv',
      [
        [null, 'One'],
        [null, 'Two'],
      ],
    ],
    ['text that looks like JSON in a text file', '[1] is a footnote', 'a.txt', [[null, '[1] is a footnote']]],
  ] as const)('%s', (_, text, file, prompts) => {
    expect(read(text, file)).toEqual(prompts);
  });

  it.each([
    ['nothing', ' \n ', null, 'There is no prompt in it.'],
    ['a broken line', '{"prompt":"a"}\n{"prompt":', 'a.jsonl', 'Line 2 is no JSON: write one object a line.'],
    [
      'a line without a prompt',
      '{"prompt":"a"}\n{"answer":"b"}',
      null,
      'No prompt in line 2: give it a field prompt.',
    ],
    ['an entry without one', '["a", 3]', null, 'No prompt in entry 2: give it a field prompt.'],
    ['no column', 'id,answer\n1,2\n', 'a.csv', 'No column prompt in the first line: id, answer.'],
    ['too many', 'a\n'.repeat(MAX_SET_PROMPTS + 1), null, 'These are 1,001 prompts; at most 1,000 go.'],
    ['too much', 'a'.repeat(MAX_SET_LENGTH + 1), null, 'These are 500,001 characters; at most 500,000 go.'],
  ] as const)('says what is wrong: %s', (_, text, file, problem) => {
    expect(read(text, file)).toBe(problem);
  });

  it('keeps hostile text as text', () => {
    expect(read('{"prompt":"<img src=x>","__proto__":{"system":"x"}}')).toEqual([[null, '<img src=x>']]);
  });
});

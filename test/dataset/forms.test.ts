/** Prompts, byte for byte as the reference and the harnesses write them. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultForm, PRESET_FORMS, renderPrompt } from '../../engine/dataset/forms';
import {
  DatasetSource,
  PROMPT_FORMS,
  type Problem,
  PromptForm,
  type PromptFormName,
} from '../../engine/protocol';
import { refusal } from './reading';

const SUM: Problem = { id: '1', question: 'What is 1 + 1?', gold: '2' };
const CHOICE: Problem = { ...SUM, gold: 'B', choices: ['one', 'two'], subject: 'sums' };

const preset = (name: PromptFormName, problem: Problem = SUM) =>
  renderPrompt({ kind: 'preset', name }, problem);
const template = (user: string, more: object = {}, problem = CHOICE) =>
  renderPrompt(PromptForm.parse({ kind: 'template', user, ...more }), problem);

describe('presets', () => {
  it("ask GSM8K as the reference's script does, its missing spaces included", () => {
    const { messages, stops, raw } = preset('slot-gsm8k', { ...SUM, system: 'Be brief.' });
    expect({ stops, raw }).toEqual({ stops: [], raw: false });
    expect(messages[1]).toEqual({ role: 'user', content: 'What is 1 + 1?' });
    const [system] = messages;
    expect(system!.content).toContain('with the answer.The reasoning process and answer are enclosed');
    expect(system!.content).toContain('</think> and<answer> </answer> tags');
    // Of the script's own string, as Python reads it.
    expect(createHash('sha256').update(system!.content).digest('hex')).toBe(
      'c40de07d4824d09fcb9eac80f3106e35314ad7c77ea14427ffe8b270a1c8fbc6',
    );
  });

  it('ask MATH, AIME and GPQA as lighteval does', () => {
    expect(preset('slot-math').messages).toEqual([
      {
        role: 'user',
        content:
          "Solve the following math problem efficiently and clearly.  The last line of your response should be of the following format: 'Therefore, the final answer is: $\\boxed{ANSWER}$. I hope it is correct' (without quotes) where ANSWER is just the final number or expression that solves the problem. Think step by step before answering.\n\nWhat is 1 + 1?",
      },
    ]);
    expect(preset('gpqa', CHOICE).messages[0]!.content).toMatch(
      /^Answer the following multiple choice question\. .* before answering\.\n\nWhat is 1 \+ 1\?\n\nA\) one\nB\) two$/,
    );
  });

  it.each([
    [
      'lm-eval-gsm8k',
      5,
      /^Question: Natalia sold clips/,
      '\n#### 10\n\nQuestion: Betty is',
      'Question: What is 1 + 1?\nAnswer:',
      ['Question:', '</s>', '<|im_end|>'],
    ],
    [
      'lm-eval-gsm8k-cot',
      8,
      /^Q: There are 15 trees/,
      ' The answer is 5.\n\nQ: Leah had 32',
      'Q: What is 1 + 1?\nA:',
      ['Q:', '</s>', '<|im_end|>'],
    ],
    [
      'lm-eval-minerva-math',
      4,
      /^Problem:\nFind the domain/,
      '\nFinal Answer: The final answer is $24$. I hope it is correct.\n\nProblem:\nTerrell',
      'Problem:\nWhat is 1 + 1?\n\nSolution:',
      ['Problem:'],
    ],
  ] as const)('ask in the form %s with its %i examples', (name, shots, begins, joint, ends, stops) => {
    const prompt = preset(name);
    expect(prompt.raw).toBe(true);
    expect(prompt.messages).toHaveLength(1);
    const { content } = prompt.messages[0]!;
    expect(content).toMatch(begins);
    expect(content).toContain(joint);
    expect(content.endsWith(`\n\n${ends}`)).toBe(true);
    expect(prompt.stops).toEqual(stops);
    expect(PRESET_FORMS[name].shots).toBe(shots);
    expect(content.split(ends.slice(0, ends.indexOf('What')))).toHaveLength(shots + 2);
    // What ends an answer must not stand in what is asked for at its end.
    for (const stop of stops) expect(ends.slice(ends.indexOf('What')).includes(stop)).toBe(false);
  });

  it("use the problem's own system prompt where they have none", () => {
    const problem = { ...CHOICE, system: 'Be brief.' };
    for (const name of ['bare', 'starter', 'slot-math', 'gpqa', 'ceval'] as const)
      expect(preset(name, problem).messages[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(preset('bare', CHOICE).messages).toEqual([
      { role: 'user', content: 'What is 1 + 1?\n\nA) one\nB) two' },
    ]);
    expect(preset('starter').messages).toEqual([{ role: 'user', content: 'What is 1 + 1?' }]);
  });

  it("name C-Eval's subjects in Chinese", () => {
    expect(preset('ceval', { ...CHOICE, subject: 'computer_network' }).messages[0]!.content).toBe(
      '以下是中国关于计算机网络的单项选择题，请选出其中的正确答案。\n\nWhat is 1 + 1?\nA. one\nB. two\n答案：',
    );
  });

  it('all are there, with a source', () => {
    const file = DatasetSource.parse({ kind: 'file', path: 'a.csv' });
    expect(defaultForm(file)).toEqual({ kind: 'preset', name: 'bare' });
    for (const name of PROMPT_FORMS) expect(PRESET_FORMS[name].source).not.toBe('');
    const forms = ['starter', 'gsm8k', 'math500', 'aime2024', 'gpqa-diamond', 'ceval'].map((name) =>
      defaultForm(DatasetSource.parse({ kind: 'named', name })),
    );
    expect(forms.map((form) => form.kind === 'preset' && form.name)).toEqual([
      'starter',
      'slot-gsm8k',
      'slot-math',
      'slot-math',
      'gpqa',
      'ceval',
    ]);
  });
});

describe('templates of one’s own', () => {
  it('insert question, choices and subject once, whatever they contain', () => {
    const odd = { ...CHOICE, question: 'a {{subject}} $& $1 b' };
    expect(template('{{ subject }}: {{question}}\n{{choices}}', {}, odd).messages).toEqual([
      { role: 'user', content: 'sums: a {{subject}} $& $1 b\nA) one\nB) two' },
    ]);
  });

  it('may have a system prompt, stops, or no chat template', () => {
    const problem = { ...CHOICE, system: 'Own.' };
    expect(template('{{question}}', { system: 'On {{subject}}.', stops: ['\n'] }, problem)).toEqual({
      messages: [
        { role: 'system', content: 'On sums.' },
        { role: 'user', content: 'What is 1 + 1?' },
      ],
      stops: ['\n'],
      raw: false,
    });
    expect(template('{{question}}', {}, problem).messages[0]).toEqual({ role: 'system', content: 'Own.' });
    expect(template('Q: {{question}} A:', { raw: true }, problem)).toEqual({
      messages: [{ role: 'user', content: 'Q: What is 1 + 1? A:' }],
      stops: [],
      raw: true,
    });
  });

  it('are refused without a question, or with a name that there is not', async () => {
    const refused = (user: string) => refusal(Promise.resolve().then(() => template(user)));
    expect(await refused('Answer!')).toContain('prompt-template: the template has no {{question}}');
    expect(await refused('{{question}} {{gold}}')).toBe(
      'prompt-template: the template knows no {{gold}} | It knows {{question}}, {{choices}} and {{subject}}.',
    );
  });
});

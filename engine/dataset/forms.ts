/** Prompt forms: how the reference and the harnesses ask a problem, and templates of one's own. */
import {
  badInput,
  type ChatMessage,
  type DatasetSource,
  type Problem,
  type ProblemPrompt,
  type PromptForm,
  type PromptFormName,
} from '../protocol';
import { CEVAL_SUBJECTS } from './ceval-subjects';
import { GSM8K_COT_EXAMPLES, GSM8K_EXAMPLES, MINERVA_MATH_EXAMPLES, type WorkedExample } from './few-shot';
import { letterOf } from './values';

interface Preset {
  readonly title: string;
  /** Where its text is from. */
  readonly source: string;
  /** The cap that its source uses; null where it has none of its own. */
  readonly maxNewTokens: number | null;
  /** Worked examples before the problem. */
  readonly shots: number;
  readonly render: (problem: Problem) => ProblemPrompt;
}

/** eval_only_slot.py, byte for byte: spaces are missing before "The reasoning" and in "and<answer>". */
export const SLOT_GSM8K_SYSTEM =
  'You are a helpful assistant. A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The Assistant first thinks about the reasoning process in the mind and then provides the user with the answer.The reasoning process and answer are enclosed within <think> </think> and<answer> </answer> tags, respectively, i.e., <think> reasoning process here </think><answer> answer here </answer>.';

const MATH_INSTRUCTION =
  "Solve the following math problem efficiently and clearly.  The last line of your response should be of the following format: 'Therefore, the final answer is: $\\boxed{ANSWER}$. I hope it is correct' (without quotes) where ANSWER is just the final number or expression that solves the problem. Think step by step before answering.";

const GPQA_INSTRUCTION =
  "Answer the following multiple choice question. The last line of your response should be of the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of ABCD. Think step by step before answering.";

/** lm-evaluation-harness's cap for tasks that name none; it does not say so when it cuts. */
const LM_EVAL_CAP = 256;
/** lighteval's for reasoning models, and the paper's. */
const LONG_CAP = 32_768;
const LM_EVAL_ENDS = ['</s>', '<|im_end|>'];

export const PRESET_FORMS: Readonly<Record<PromptFormName, Preset>> = {
  bare: {
    title: 'The bare question',
    source: 'the problem itself',
    maxNewTokens: null,
    shots: 0,
    render: (problem) => chat(problem.system, withChoices(problem)),
  },
  starter: {
    title: "The starter's",
    source: "the starter model's evaluate.py: the problem's own system prompt, then the question",
    maxNewTokens: 128,
    shots: 0,
    render: (problem) => chat(problem.system, problem.question),
  },
  'slot-gsm8k': {
    title: 'SLOT on GSM8K',
    source: 'eval_only_slot.py of the reference',
    maxNewTokens: 512,
    shots: 0,
    render: ({ question }) => chat(SLOT_GSM8K_SYSTEM, question),
  },
  'slot-math': {
    title: 'SLOT on MATH-500 and AIME',
    source: 'lighteval (math_500, aime24), as the paper ran it',
    maxNewTokens: LONG_CAP,
    shots: 0,
    render: ({ question, system }) => chat(system, `${MATH_INSTRUCTION}\n\n${question}`),
  },
  gpqa: {
    title: 'GPQA',
    source: 'lighteval (gpqa:diamond, after simple-evals), as the paper ran it',
    maxNewTokens: LONG_CAP,
    shots: 0,
    render: (problem) =>
      chat(problem.system, `${GPQA_INSTRUCTION}\n\n${problem.question}\n\n${lettered(problem, ')')}`),
  },
  ceval: {
    title: 'C-Eval',
    source: 'lm-evaluation-harness (ceval-valid) without its examples, as a user message',
    maxNewTokens: null,
    shots: 0,
    render: (problem) => {
      const subject = CEVAL_SUBJECTS.get(problem.subject ?? '') ?? problem.subject ?? '';
      const instruction = `以下是中国关于${subject}的单项选择题，请选出其中的正确答案。`;
      const question = `${problem.question.trim()}\n${lettered(problem, '.')}\n答案：`;
      return chat(problem.system, `${instruction}\n\n${question}`);
    },
  },
  'lm-eval-gsm8k': {
    title: 'lm-evaluation-harness, gsm8k',
    source: 'lm-evaluation-harness 0.4.13 (gsm8k, 5-shot), with the same five examples for every problem',
    maxNewTokens: LM_EVAL_CAP,
    shots: GSM8K_EXAMPLES.length,
    render: fewShot((question) => `Question: ${question}\nAnswer:`, GSM8K_EXAMPLES, [
      'Question:',
      ...LM_EVAL_ENDS,
    ]),
  },
  'lm-eval-gsm8k-cot': {
    title: 'lm-evaluation-harness, gsm8k_cot',
    source: 'lm-evaluation-harness 0.4.13 (gsm8k_cot, 8-shot)',
    maxNewTokens: LM_EVAL_CAP,
    shots: GSM8K_COT_EXAMPLES.length,
    render: fewShot((question) => `Q: ${question}\nA:`, GSM8K_COT_EXAMPLES, ['Q:', ...LM_EVAL_ENDS]),
  },
  'lm-eval-minerva-math': {
    title: 'lm-evaluation-harness, minerva_math',
    source: 'lm-evaluation-harness 0.4.13 (minerva_math, 4-shot)',
    maxNewTokens: LM_EVAL_CAP,
    shots: MINERVA_MATH_EXAMPLES.length,
    render: fewShot((question) => `Problem:\n${question}\n\nSolution:`, MINERVA_MATH_EXAMPLES, ['Problem:']),
  },
};

/** The form that a named set is asked in where none is named. */
export function defaultForm(source: DatasetSource): PromptForm {
  const name = source.kind === 'file' ? 'bare' : DEFAULTS[source.name];
  return { kind: 'preset', name };
}

const DEFAULTS = {
  starter: 'starter',
  gsm8k: 'slot-gsm8k',
  math500: 'slot-math',
  aime2024: 'slot-math',
  'gpqa-diamond': 'gpqa',
  ceval: 'ceval',
} as const satisfies Record<string, PromptFormName>;

/**
 * What the model is asked. The model's chat template is still to be applied, unless the prompt is raw.
 * @throws EngineError `prompt-template` for a template without {{question}}, or with a name that there is not
 */
export function renderPrompt(form: PromptForm, problem: Problem): ProblemPrompt {
  if (form.kind === 'preset') return PRESET_FORMS[form.name].render(problem);
  const { stops, raw } = form;
  if (!/\{\{\s*question\s*\}\}/.test(form.user)) {
    throw badInput('prompt-template', 'the template has no {{question}}', 'Put it where the question goes.');
  }
  const user = filled(form.user, problem);
  if (raw) return { messages: [{ role: 'user', content: user }], stops, raw };
  const system = form.system === null ? problem.system : filled(form.system, problem);
  return { ...chat(system, user), stops };
}

/** What is inserted is not read as a template again. */
function filled(template: string, problem: Problem): string {
  return template.replace(/\{\{\s*(\w*)\s*\}\}/g, (_whole, name: string) => {
    if (name === 'question') return problem.question;
    if (name === 'choices') return lettered(problem, ')');
    if (name === 'subject') return problem.subject ?? '';
    throw badInput(
      'prompt-template',
      `the template knows no {{${name}}}`,
      'It knows {{question}}, {{choices}} and {{subject}}.',
    );
  });
}

function chat(system: string | undefined, user: string): ProblemPrompt {
  const before: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  return { messages: [...before, { role: 'user', content: user }], stops: [], raw: false };
}

/** A text to go on with: examples, each with its answer after one space, and the problem, a blank line between them. */
function fewShot(
  ask: (question: string) => string,
  examples: readonly WorkedExample[],
  stops: string[],
): Preset['render'] {
  const before = examples.map(({ question, answer }) => `${ask(question)} ${answer}\n\n`).join('');
  return ({ question }) => ({
    messages: [{ role: 'user', content: before + ask(question) }],
    stops,
    raw: true,
  });
}

function withChoices(problem: Problem): string {
  return problem.choices ? `${problem.question}\n\n${lettered(problem, ')')}` : problem.question;
}

/** A line for each choice: its letter, a mark and its text. */
function lettered({ choices = [] }: Problem, mark: string): string {
  return choices.map((choice, i) => `${letterOf(i)}${mark} ${choice}`).join('\n');
}

/** How answers are judged: the graders by name, what each takes of an answer, and its verdict. */
import { z } from 'zod';
import { Count, Name, Sentence, Text } from './limits';

/** `undecided`: neither is known, for want of time or of a notation that is understood. It is no wrong answer. */
export const Verdict = z.enum(['right', 'wrong', 'undecided']);
export type Verdict = z.infer<typeof Verdict>;

export const GraderName = z.enum([
  'paper',
  'number',
  'math',
  'boxed',
  'letter',
  'exact',
  'regex',
  'gsm8k-strict',
  'gsm8k-flexible',
  'gsm8k-cot-strict',
  'minerva',
  'gpqa-strict',
  'gpqa-flexible',
  'aime',
]);
export type GraderName = z.infer<typeof GraderName>;

/** Of a user's own; as JavaScript's RegExp has it, by code point. */
export const GraderPattern = z.string().min(1).max(10_000);

export const GradeRequest = z.strictObject({
  /** The whole completion. */
  answer: Text,
  gold: Text,
  /** Of a multiple choice, in the order of their letters. */
  choices: z.array(Text).max(26).optional(),
  /** What `regex` extracts: its first group, or the whole match. */
  pattern: GraderPattern.optional(),
});
export type GradeRequest = z.infer<typeof GradeRequest>;

export const Grade = z.strictObject({
  /** What was compared with the gold answer; null where the answer holds nothing of that form. */
  extracted: Text.nullable(),
  verdict: Verdict,
  /** Why it is undecided. */
  reason: Sentence.optional(),
});
export type Grade = z.infer<typeof Grade>;

/** Of a whole completion; see `gradeFormat`. */
export const FormatGrade = z.strictObject({ strict: z.boolean(), lenient: z.boolean() });
export type FormatGrade = z.infer<typeof FormatGrade>;

export const GraderInfo = z.strictObject({
  name: GraderName,
  /** Grows whenever a verdict may change, so that stored ones are known to be old. */
  version: Count.min(1),
  /** What it takes of an answer, in a few words. */
  extractor: Name,
  /** One sentence. */
  description: Sentence,
});
export type GraderInfo = z.infer<typeof GraderInfo>;

/** In the order in which they are offered. */
export const GRADERS: readonly GraderInfo[] = [
  {
    name: 'paper',
    version: 1,
    extractor: 'last number, cut at its first comma',
    description:
      "The reference's own grader, defects and all: the last decimal, fraction or integer of the whole answer, so that 1,234 is read as 234 and -3 as 3.",
  },
  {
    name: 'number',
    version: 1,
    extractor: 'last number',
    description:
      'The last number with its sign, thousands separators, currency, percent or fraction, compared exactly.',
  },
  {
    name: 'math',
    version: 1,
    extractor: 'boxed, else the last mathematics or number',
    description:
      'Mathematical equivalence, as math-verify has it: numbers, expressions, sets, intervals, equations, matrices. Undecided where neither can be shown.',
  },
  {
    name: 'boxed',
    version: 1,
    extractor: 'last \\boxed{…}',
    description: 'Mathematical equivalence of what is boxed; an answer without a box is wrong.',
  },
  {
    name: 'letter',
    version: 1,
    extractor: 'last letter of a choice',
    description: 'The letter that the answer settles on, or else the choice whose text it ends with.',
  },
  {
    name: 'exact',
    version: 1,
    extractor: 'whole answer',
    description: 'The whole answer, without white space around it, is the gold answer.',
  },
  {
    name: 'regex',
    version: 1,
    extractor: 'your pattern, last match',
    description: 'What your own pattern captures last is the gold answer, without white space around it.',
  },
  {
    name: 'gsm8k-strict',
    version: 1,
    extractor: 'first number after ####',
    description: "lm-evaluation-harness' gsm8k, strict-match.",
  },
  {
    name: 'gsm8k-flexible',
    version: 1,
    extractor: 'last run of digits, $, . and ,',
    description: "lm-evaluation-harness' gsm8k and gsm8k_cot, flexible-extract.",
  },
  {
    name: 'gsm8k-cot-strict',
    version: 1,
    extractor: 'first number after "The answer is"',
    description: "lm-evaluation-harness' gsm8k_cot, strict-match.",
  },
  {
    name: 'minerva',
    version: 1,
    extractor: 'after "Final Answer: The final answer is"',
    description:
      'lm-evaluation-harness\' minerva_math and MATH-500 form: what stands before "I hope it is correct", by mathematical equivalence.',
  },
  {
    name: 'gpqa-strict',
    version: 1,
    extractor: 'after "The answer is"',
    description: "lm-evaluation-harness' gpqa_*_cot, strict-match.",
  },
  {
    name: 'gpqa-flexible',
    version: 1,
    extractor: 'last (letter), else a choice named',
    description: "lm-evaluation-harness' gpqa_*_cot, flexible-extract.",
  },
  {
    name: 'aime',
    version: 1,
    extractor: 'last \\boxed{…}, else between the first and last $',
    description:
      "lm-evaluation-harness' aime24: the same text after cleaning; leading zeros count, so 025 is not 25.",
  },
];

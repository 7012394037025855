/** An evaluation as it is typed: kept exactly as typed, also over a reload. */
import { z } from 'zod';
import { DatasetName, GraderName, Preset, PromptFormName } from '../../../engine/protocol';

const Line = z.string().max(40_000);
const Words = z.string().max(1_000_000);

export const EvaluationDraft = z.object({
  title: Line,
  data: z.union([DatasetName, z.literal('file')]),
  split: Line,
  /** Columns by name; empty ones are left out, `choices` has one or several by commas. */
  file: z.object({
    path: Line,
    question: Line,
    answer: Line,
    choices: Line,
    subject: Line,
    system: Line,
    id: Line,
    goldAfter: Line,
    skipBroken: z.boolean(),
  }),
  /** Null is the one that is usual for the data. */
  form: z.union([PromptFormName, z.literal('own')]).nullable(),
  own: z.object({ system: Words, user: Words, stops: Words, raw: z.boolean() }),
  /** Null is the model of the top bar. */
  model: z.object({ folder: Line, dtype: Line }).nullable(),
  mode: z.enum(['lanes', 'sweep']),
  halves: z.boolean(),
  /** `0..5` or `1, 3, 5`; the baseline is always there. */
  steps: Line,
  lr: Line,
  preset: z.union([Preset, z.literal('both')]),
  /** One, or many by commas; empty is the preset's. */
  weightDecay: Line,
  /** In the command line's notation; empty is the whole prompt. */
  scope: Line.default(''),
  withControls: z.boolean(),
  /** Held-out problems that the mean delta is of; empty leaves that control out. */
  meanOf: Line,
  /** Null are the usual ones; the first is the headline. */
  graders: z.array(GraderName).max(20).nullable(),
  pattern: Line,
  limit: Line,
  shuffle: Line,
  samples: Line,
  /** Empty is the form's own cap. */
  maxNewTokens: Line,
  temperature: Line,
  topP: Line,
  seed: Line,
  rows: Line,
});
export type EvaluationDraft = z.infer<typeof EvaluationDraft>;

export const DEFAULT_EVALUATION: EvaluationDraft = {
  title: '',
  data: 'starter',
  split: '',
  file: {
    path: '',
    question: 'question',
    answer: 'answer',
    choices: '',
    subject: '',
    system: '',
    id: '',
    goldAfter: '',
    skipBroken: false,
  },
  form: null,
  own: { system: '', user: '{{question}}', stops: '', raw: false },
  model: null,
  mode: 'lanes',
  halves: true,
  steps: '5',
  lr: '0.1',
  preset: 'transformers',
  weightDecay: '',
  scope: '',
  withControls: false,
  meanOf: '20',
  graders: null,
  pattern: '',
  limit: '20',
  shuffle: '',
  samples: '1',
  maxNewTokens: '',
  temperature: '0',
  topP: '1',
  seed: '0',
  rows: '8',
};

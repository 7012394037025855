/** The form of evaluations as it stands at first, with parts of it filled in otherwise. */
import { evaluationOptions } from '../../../engine/evaluate/options';
import { checkEvaluation } from '../../../renderer/state/evaluations/check';
import { DEFAULT_EVALUATION, type EvaluationDraft } from '../../../renderer/state/evaluations/draft';

export const MODEL = {
  folder: '',
  dtype: '',
  device: 'cpu',
  memorySaver: false,
  arithmetic: 'exact',
} as const;
export const OPTIONS = evaluationOptions();
export const check = (part: Partial<EvaluationDraft> = {}) =>
  checkEvaluation({ ...DEFAULT_EVALUATION, ...part }, MODEL, OPTIONS);
export const names = (part: Partial<EvaluationDraft>) => check(part).config?.lanes.map(({ name }) => name);

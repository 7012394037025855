/** What an evaluation can be made of, and what is usual for each data set. */
import { defaultForm, PRESET_FORMS } from '../dataset/forms';
import { DATASET_NAMES, type EvaluationOptions, GRADERS, type GraderName, PROMPT_FORMS } from '../protocol';

/** The first is the headline. */
const USUAL_GRADERS: Readonly<Record<(typeof DATASET_NAMES)[number], readonly GraderName[]>> = {
  starter: ['number', 'paper'],
  gsm8k: ['number', 'paper', 'gsm8k-strict', 'gsm8k-flexible'],
  math500: ['math', 'boxed', 'minerva'],
  aime2024: ['math', 'aime'],
  'gpqa-diamond': ['letter', 'gpqa-strict', 'gpqa-flexible'],
  ceval: ['letter'],
};

export function evaluationOptions(): EvaluationOptions {
  return {
    forms: PROMPT_FORMS.map((name) => {
      const { title, source, maxNewTokens, shots } = PRESET_FORMS[name];
      return { name, title, source, maxNewTokens, shots };
    }),
    datasets: DATASET_NAMES.map((name) => {
      const form = defaultForm({ kind: 'named', name, split: null });
      return { name, form: form.kind === 'preset' ? form.name : 'bare', graders: [...USUAL_GRADERS[name]] };
    }),
    graders: [...GRADERS],
  };
}

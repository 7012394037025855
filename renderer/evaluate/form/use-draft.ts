/** What is typed of the next evaluation, its check, and how it is changed. */
import { useMemo } from 'react';
import { checkEvaluation, type EvaluationCheck } from '../../state/evaluations/check';
import type { EvaluationDraft } from '../../state/evaluations/draft';
import { useAppState, useStudio } from '../../state/studio-context';

export interface DraftInHand extends EvaluationCheck {
  readonly draft: EvaluationDraft;
  change(part: Partial<EvaluationDraft>): void;
}

export function useEvaluationDraft(): DraftInHand {
  const { store } = useStudio();
  const draft = useAppState((state) => state.evaluationDraft);
  const modelChoice = useAppState((state) => state.modelChoice);
  const options = useAppState((state) => state.evaluationOptions);
  const check = useMemo(() => checkEvaluation(draft, modelChoice, options), [draft, modelChoice, options]);
  return useMemo(
    () => ({
      ...check,
      draft,
      change: (part) =>
        store.setState(({ evaluationDraft }) => ({
          evaluationDraft: { ...evaluationDraft, ...part },
          startFailure: null,
        })),
    }),
    [check, draft, store],
  );
}

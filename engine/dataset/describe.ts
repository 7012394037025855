/** What is to be seen of a data set before anything runs on it. */
import type { DatasetPreview, Problem, PromptForm } from '../protocol';
import { MAX_LIST } from '../protocol/limits';
import type { Dataset } from './dataset';
import { renderPrompt } from './forms';
import type { Selected } from './select';

const SHOWN = 3;

/** @param rejects whether the problem's own grader would call its gold answer wrong; left out, none is asked */
export function describeDataset(
  dataset: Dataset,
  selected: Selected,
  form: PromptForm,
  rejects: (problem: Problem) => boolean = () => false,
): DatasetPreview {
  const { problems, total, columns, broken, brokenCount } = selected;
  const rejected = problems.filter(rejects).map(({ id }) => id);
  return {
    n: problems.length,
    total,
    columns: [...columns],
    gold: dataset.gold(),
    licence: dataset.licence,
    source: dataset.source,
    problems: problems.slice(0, SHOWN).map((problem) => ({ problem, prompt: renderPrompt(form, problem) })),
    broken: [...broken],
    brokenCount,
    rejected: rejected.slice(0, MAX_LIST),
    rejectedCount: rejected.length,
  };
}

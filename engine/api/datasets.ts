/** What is to be seen of a data set before anything runs on it. */
import { describeDataset } from '../dataset/describe';
import { defaultForm } from '../dataset/forms';
import { openDataset } from '../dataset/open';
import { selectProblems } from '../dataset/select';
import type { DatasetPreview, DatasetSource, Problem, ProblemSelection, PromptForm } from '../protocol';

interface PreviewOptions {
  /** Whether the problem's own grader would call its gold answer wrong. */
  readonly rejects?: (problem: Problem) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads the whole set; a named one that is not in the cache is downloaded first.
 * @param form null: the one that the set is usually asked in
 * @throws EngineError: what is wrong with the set, its line, and what to do
 */
export async function previewDataset(
  source: DatasetSource,
  selection: ProblemSelection,
  form: PromptForm | null,
  { rejects, signal }: PreviewOptions = {},
): Promise<DatasetPreview> {
  const dataset = await openDataset(source, signal ? { signal } : {});
  const selected = await selectProblems(dataset, selection, signal);
  return describeDataset(dataset, selected, form ?? defaultForm(source), rejects);
}

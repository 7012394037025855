/** Writes an evaluation to a page: all that its views ask of the engine, asked once. */
import { EXPORT_FORMATS, type JobInfo } from '../../engine/protocol';
import { fileName } from '../export/file-name';
import { MAX_PAGE_PROBLEMS, type PageEvaluation } from '../export/page-file';
import { savePage } from '../export/save-page';
import type { Studio } from '../state/studio-context';
import { jobName, jobSubject } from './words';

/** Rejects with an EngineError. */
export async function exportEvaluation(
  studio: Pick<Studio, 'shell' | 'store' | 'evaluations' | 'toasts'>,
  { jobId }: JobInfo,
): Promise<void> {
  const { evaluations, store } = studio;
  const { signal } = new AbortController();
  const [found, matrix] = await Promise.all([
    evaluations.summary(jobId, signal),
    evaluations.matrix(jobId, signal),
  ]);
  const shown = matrix.rows.slice(0, MAX_PAGE_PROBLEMS);
  const problems: PageEvaluation['problems'] = [];
  for (const { problem } of shown) problems.push(await evaluations.problem(jobId, problem, signal));
  const figures: PageEvaluation['figures'] = [];
  for (const { name } of found.job.config.lanes)
    figures.push([name, await evaluations.figure(jobId, name, signal)]);
  const exports = await Promise.all(
    EXPORT_FORMATS.map(async (format) => [format, await evaluations.exported(jobId, format)] as const),
  );
  const { evaluationOptions } = store.getState();
  const left = matrix.rows.length - shown.length;
  await savePage(
    studio,
    fileName(jobSubject(found.job.config.model.folder, found.job.createdAt), jobName(found.job), 'html'),
    {
      kind: 'evaluation',
      ...found,
      matrix,
      options: evaluationOptions ?? { forms: [], datasets: [], graders: [] },
      problems,
      figures,
      exports: Object.fromEntries(exports) as PageEvaluation['exports'],
    },
    left === 0 ? '' : ` The answers to ${left} problems are left out; its JSON Lines have them all.`,
  );
}

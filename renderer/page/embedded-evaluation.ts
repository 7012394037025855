/** What the engine would answer of the evaluation that a page carries. */
import type { PageEvaluation } from '../export/page-file';
import { type Answers, notEmbedded } from './embedded-engine';

export function answersOfEvaluation(page: PageEvaluation): Answers {
  const { job, summary, provenance, matrix, options } = page;
  const problems = new Map(page.problems.map((asked) => [asked.problem.id, asked]));
  const figures = new Map(page.figures);
  return {
    'evaluations.list': () => ({ jobs: [job], damaged: [] }),
    'evaluations.options': () => options,
    'evaluations.summary': () => ({ job, summary, provenance }),
    'evaluations.matrix': () => matrix,
    'evaluations.problem': ({ problem }) => {
      const asked = problems.get(problem);
      if (!asked) throw notEmbedded();
      return asked;
    },
    'evaluations.figure': ({ lane }) => figures.get(lane) ?? null,
    'evaluations.export': ({ format }) => ({ text: page.exports[format] }),
  };
}

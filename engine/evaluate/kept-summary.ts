/** A job's summary, kept beside its answers once they are all there: it takes seconds to draw. */
import { z } from 'zod';
import { guarded } from '../files/guarded';
import { readJson } from '../files/read';
import { writeWhole } from '../files/write';
import { EvaluationSummary } from '../protocol';
import type { Job } from './job';
import { summarise } from './summary';

const SUMMARY = 'summary.json';
const MAX_BYTES = 2 ** 26;
/** Of the bootstrap: enough for two digits while a job runs, and for a result to be quoted. */
const DRAWS = { running: 1_000, ended: 10_000 } as const;

/** Grows whenever figures or sentences are made otherwise, so that kept ones are known to be old. */
const FORMAT = 2;

const Kept = z.strictObject({
  format: z.literal(FORMAT),
  version: z.string(),
  graders: z.string(),
  summary: EvaluationSummary,
});

export async function summaryOf({ folder, tally }: Job, isRunning: boolean): Promise<EvaluationSummary> {
  if (isRunning) return summarise(tally, DRAWS.running);
  const { version } = folder;
  const graders = JSON.stringify(folder.manifest.config.graders);
  const kept = readJson(folder.file(SUMMARY), MAX_BYTES, Kept);
  if (kept?.version === version && kept.graders === graders) return kept.summary;
  const summary = await summarise(tally, DRAWS.ended);
  guarded(
    () => writeWhole(folder.file(SUMMARY), JSON.stringify({ format: FORMAT, version, graders, summary })),
    'the evaluation',
  );
  return summary;
}

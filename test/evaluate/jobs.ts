/** Evaluations on the starter model, through the engine's door. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../../engine/api/engine';
import {
  type AnswerRecord,
  EvaluationConfig,
  type EvaluationConfigInput,
  type EvaluationEvent,
  type EvaluationLane,
  type JobInfo,
} from '../../engine/protocol';

export const BASELINE = { name: 'baseline', steps: 0 };
export const SLOT = { name: 'slot', steps: 2 };

/** A few problems of the starter's. */
export function starterConfig(
  lanes: EvaluationConfigInput['lanes'] = [BASELINE, SLOT],
  more: Partial<EvaluationConfigInput> = {},
): EvaluationConfig {
  return EvaluationConfig.parse({
    dataset: { kind: 'named', name: 'starter' },
    selection: { limit: 4 },
    form: { kind: 'preset', name: 'starter' },
    graders: [{ name: 'number' }],
    generation: { maxNewTokens: 48 },
    lanes,
    ...more,
  });
}

export function controls(): Partial<EvaluationLane>[] {
  return [
    { origin: { kind: 'minus' } },
    { origin: { kind: 'random', seed: 3 } },
    { origin: { kind: 'other' } },
  ];
}

export interface FinishedJob {
  readonly jobId: string;
  readonly last: JobInfo;
  readonly answers: readonly AnswerRecord[];
}

/** Starts a job, or takes one up again, and waits until it stops. */
export async function jobToEnd(
  engine: Engine,
  config: EvaluationConfig | string,
  onEvent: (event: EvaluationEvent) => void = () => {},
): Promise<FinishedJob> {
  const jobId = typeof config === 'string' ? config : randomUUID();
  const answers: AnswerRecord[] = [];
  let unwatch = () => {};
  const ended = new Promise<JobInfo>((resolve) => {
    unwatch = engine.watchEvaluations((event) => {
      onEvent(event);
      if (event.type === 'answer' && event.jobId === jobId) answers.push(event.answer);
      const isOver = event.type === 'job' && !['waiting', 'running'].includes(event.job.state);
      if (isOver && event.job.jobId === jobId) resolve(event.job);
    });
  });
  try {
    if (typeof config === 'string') await engine.query('evaluations.resume', { jobId });
    else await engine.query('evaluations.start', { jobId, title: '', config });
    return { jobId, last: await ended, answers };
  } finally {
    unwatch();
  }
}

/** What the engine would answer of the runs that a page carries. */
import { badInput } from '../../engine/protocol';
import type { RunVectors } from '../../engine/runs/vectors';
import { decodeVectorsFile } from '../../engine/runs/vectors-file';
import type { PageRun } from '../export/page-file';
import { type Answers, notEmbedded } from './embedded-engine';

interface EmbeddedRun extends PageRun {
  readonly figures: RunVectors | null;
  readonly tokens: readonly string[] | null;
}

function embedded(run: PageRun): EmbeddedRun {
  if (run.vectors === null) return { ...run, figures: null, tokens: null };
  const { vectors, tokens = null } = decodeVectorsFile(run.vectors, run.events);
  return { ...run, figures: vectors, tokens };
}

/** @throws EngineError where a run's vectors are not its own */
export function answersOfRuns(pageRuns: readonly PageRun[]): Answers {
  const runs = pageRuns.map(embedded);
  const runOf = (runId: string): EmbeddedRun => {
    const run = runs.find(({ summary }) => summary.runId === runId);
    if (!run) throw badInput('no-run', 'this page has no such run');
    return run;
  };
  const figuresOf = (runId: string): RunVectors => {
    const { figures } = runOf(runId);
    if (!figures) throw notEmbedded();
    return figures;
  };
  return {
    'runs.list': () => ({ runs: runs.map(({ summary }) => summary) }),
    'runs.read': ({ runId }) => {
      const { summary, events } = runOf(runId);
      return { summary, events: [...events] };
    },
    'runs.export': ({ runId }) => ({
      text: runOf(runId)
        .events.map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    }),
    'runs.vectors': ({ runId }) => {
      const { vectors } = runOf(runId);
      if (!vectors) throw notEmbedded();
      return { file: vectors };
    },
    'vocabulary.read': ({ runId, from }) => {
      const { tokens } = runOf(runId);
      if (!tokens) throw notEmbedded();
      return { tokens: tokens.slice(from), total: tokens.length };
    },
    'shift.read': ({ runId, lane, step }) => figuresOf(runId).at(lane, step),
    'shift.series': ({ runId, lane, ids }) => figuresOf(runId).figures(lane, ids),
  };
}

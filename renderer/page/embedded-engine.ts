/** Answers the window's requests from the runs that a page carries: everything else needs the app. */
import {
  badInput,
  type ClientMessage,
  METHODS,
  type Method,
  type ParsedParams,
  type Request,
  type RestartRequest,
  type Result,
  toFailure,
} from '../../engine/protocol';
import type { RunVectors } from '../../engine/runs/vectors';
import { decodeVectorsFile } from '../../engine/runs/vectors-file';
import type { MessageTransport } from '../engine/engine-client';
import { Listeners } from '../engine/listeners';
import type { PageRun } from '../export/page-file';

interface EmbeddedRun extends PageRun {
  readonly figures: RunVectors | null;
  readonly tokens: readonly string[] | null;
}

type Answers = { readonly [M in Method]?: (params: ParsedParams<M>) => Result<M> };

/** @throws EngineError where a run's vectors are not its own */
export function embeddedEngine(pageRuns: readonly PageRun[]): MessageTransport {
  const answers = answersFrom(pageRuns.map(embedded));
  const messages = new Listeners<[message: unknown]>();

  const answer = ({ id, method, params }: Request) => {
    try {
      const own = answers[method] as ((params: unknown) => unknown) | undefined;
      if (!own) throw notEmbedded();
      messages.tell({ kind: 'response', id, ok: true, result: own(METHODS[method].params.parse(params)) });
    } catch (thrown) {
      messages.tell({ kind: 'response', id, ok: false, error: toFailure(thrown) });
    }
  };
  return {
    send(message: ClientMessage | RestartRequest) {
      // As any engine answers: never before the asking is over.
      if (message.kind === 'request') setTimeout(() => answer(message), 0);
    },
    onMessage: messages.add,
    onOpen(callback) {
      callback();
      return () => {};
    },
    onClose: () => () => {},
    retry() {},
    close() {},
  };
}

function embedded(run: PageRun): EmbeddedRun {
  if (run.vectors === null) return { ...run, figures: null, tokens: null };
  const { vectors, tokens = null } = decodeVectorsFile(run.vectors, run.events);
  return { ...run, figures: vectors, tokens };
}

function answersFrom(runs: readonly EmbeddedRun[]): Answers {
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

function notEmbedded() {
  return badInput(
    'not-embedded',
    'this page does not hold that',
    'Export its events, import them in SLOT Studio and look there.',
  );
}

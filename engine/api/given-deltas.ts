/** Lanes whose delta is of a stored run: its numbers are looked up when a run or an evaluation starts. */
import { encodeVector } from '../generate/given';
import {
  badInput,
  describeSource,
  type GivenDelta,
  type GivenSource,
  MAX_LIST,
  type ParsedParams,
  type Result,
} from '../protocol';
import { deltaOfFile, deltasOfFile } from '../runs/delta-file';
import type { KeptDelta } from '../runs/vectors';
import type { RunFigures } from './run-figures';

interface Lane {
  readonly name: string;
  readonly origin: { readonly kind: string };
}

/**
 * The same lanes with every given delta's numbers, and the step that they are of.
 * @throws EngineError where a source is not stored here, and says which
 */
export function withVectors<L extends Lane>(lanes: readonly L[], figures: RunFigures): L[] {
  return lanes.map((lane) => {
    const { origin } = lane;
    if (!isGiven(origin)) return lane;
    const terms = origin.terms.map((term) => ({ ...term, ...lookedUp(term, figures) }));
    return { ...lane, origin: { ...origin, terms } };
  });
}

function isGiven(origin: Lane['origin']): origin is { kind: 'given'; terms: readonly GivenDelta[] } {
  return origin.kind === 'given';
}

/** With its numbers. @throws EngineError `no-run`, `no-vectors`, `no-step`, `given-delta` */
function lookedUp({ source, vector }: GivenDelta, figures: RunFigures): Required<GivenDelta> {
  if (vector) return { source, vector };
  if (source.kind === 'file')
    throw badInput('given-delta', `${describeSource(source)} is not here`, 'Choose the file again.');
  const { step, delta, shift, vocab } = figures.delta(source);
  return { source: { ...source, step }, vector: encodeVector(delta, shift, vocab) };
}

/** See the contract. @throws EngineError `no-run`, `no-vectors`, `no-step`, `given-delta` */
export function readDelta(params: ParsedParams<'delta.read'>, figures: RunFigures): Result<'delta.read'> {
  const step = params.step === undefined ? {} : { step: params.step };
  if (params.kind === 'run') {
    const { runId } = params;
    const choices = figures.deltaLanes(runId);
    const lane = params.lane ?? choices[0]?.name ?? '';
    return answerOf(
      { kind: 'run', runId, lane },
      figures.delta({ kind: 'run', runId, lane, ...step }),
      choices,
    );
  }
  const { file, bytes } = params;
  const deltas = deltasOfFile(file, bytes);
  const choices = deltas.map((each) => ({ name: each.name, steps: each.deltas.length }));
  const kept = deltaOfFile(file, deltas, params.tensor, params.step);
  return answerOf({ kind: 'file', file, tensor: kept.name }, kept, choices);
}

function answerOf(
  source: GivenSource,
  { step, delta, shift, vocab }: KeptDelta,
  choices: Result<'delta.read'>['choices'],
): Result<'delta.read'> {
  const given = { source: { ...source, step }, vector: encodeVector(delta, shift, vocab) };
  return { given, hidden: delta.length, choices: choices.slice(0, MAX_LIST) };
}

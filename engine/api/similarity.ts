/** Deltas of stored runs held to each other. */
import { similarityOf } from '../analysis/similarity';
import { badInput, type ParsedParams, type Result } from '../protocol';
import type { RunFigures } from './run-figures';

/** See the contract. @throws EngineError `no-run`, `no-vectors`, `no-step`, `other-head` with both shapes */
export function similarity(
  { deltas }: ParsedParams<'deltas.similarity'>,
  figures: RunFigures,
): Result<'deltas.similarity'> {
  const found = deltas.map(({ runId, lane: named, step: wanted }) => {
    const lane = named ?? figures.deltaLanes(runId)[0]?.name ?? '';
    const { delta, vocab, step } = figures.delta({
      kind: 'run',
      runId,
      lane,
      ...(wanted && { step: wanted }),
    });
    return { runId, lane, step, delta, head: { model: figures.modelOf(runId), vocab, hidden: delta.length } };
  });
  const [first] = found;
  for (const { runId, head } of found) {
    const own = first!.head;
    if (head.hidden === own.hidden && head.vocab === own.vocab && head.model === own.model) continue;
    const shape = ({ model, vocab, hidden }: typeof own) => `${model} [${vocab}, ${hidden}]`;
    throw badInput(
      'other-head',
      `run ${runId} has another head than run ${first!.runId}: ${shape(head)}, not ${shape(own)}`,
      'Choose runs of one model.',
    );
  }
  const { norms, cosines } = similarityOf(found.map(({ delta }) => delta));
  return {
    deltas: found.map(({ runId, lane, step }, i) => ({ runId, lane, step, norm: norms[i]! })),
    hidden: first!.delta.length,
    cosines,
  };
}

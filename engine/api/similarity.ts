/** Deltas of stored runs held to each other. */
import { similarityOf } from '../analysis/similarity';
import { isOfHead } from '../generate/given';
import { badInput, MAX_SIMILAR_ROWS, type ParsedParams, type Result } from '../protocol';
import type { KeptDelta } from '../runs/vectors';
import type { OpenModel } from './open-model';
import type { RunFigures } from './run-figures';

type Asked = ParsedParams<'deltas.similarity'>['deltas'][number];

interface Row extends KeptDelta {
  readonly runId: string;
  readonly lane: string;
  /** The id of its model. */
  readonly model: string;
}

/**
 * See the contract.
 * @param open the open model, which tells whether runs of two names are of one head
 * @throws EngineError `no-run`, `no-vectors`, `no-step`, `other-head` with both shapes, `too-many-deltas`
 */
export async function similarity(
  { deltas }: ParsedParams<'deltas.similarity'>,
  figures: RunFigures,
  open: OpenModel | undefined,
): Promise<Result<'deltas.similarity'>> {
  const rows = deltas.flatMap((asked) => rowsOf(asked, figures));
  if (rows.length > MAX_SIMILAR_ROWS) {
    const message = `these runs have ${rows.length} deltas, and at most ${MAX_SIMILAR_ROWS} are held to each other`;
    throw badInput('too-many-deltas', message, 'Choose fewer runs, or name lanes.');
  }
  await checkHeads(rows, open);
  const { norms, cosines } = similarityOf(rows.map(({ delta }) => delta));
  return {
    deltas: rows.map(({ runId, lane, step }, i) => ({ runId, lane, step, norm: norms[i]! })),
    hidden: rows[0]!.delta.length,
    cosines,
  };
}

/** Of the lane that is named, or of each that has a delta after so many steps. */
function rowsOf({ runId, lane, step }: Asked, figures: RunFigures): Row[] {
  const all = figures.deltaLanes(runId);
  const long = all.filter(({ steps }) => step === undefined || steps >= step);
  const names = lane !== undefined ? [lane] : long.map(({ name }) => name);
  const model = figures.modelOf(runId);
  const wanted = step === undefined ? {} : { step };
  // Without any, the first says what is missing.
  return (names.length > 0 ? names : [all[0]?.name ?? '']).map((name) => ({
    runId,
    lane: name,
    model,
    ...figures.delta({ kind: 'run', runId, lane: name, ...wanted }),
  }));
}

/** By size, then by the model's name, then by what the open model makes of each delta: two names may be of one head. */
async function checkHeads(rows: readonly Row[], open: OpenModel | undefined): Promise<void> {
  const [first] = rows;
  const shape = ({ model, vocab, delta }: Row) => `${model} [${vocab}, ${delta.length}]`;
  const other = rows.find(
    ({ delta, vocab }) => delta.length !== first!.delta.length || vocab !== first!.vocab,
  );
  if (other) throw otherHead(other, first!, `${shape(other)}, not ${shape(first!)}`);
  const namesake = rows.find(({ model }) => model !== first!.model);
  if (!namesake) return;
  const head = open?.about.headInfo;
  if (!open || head?.hiddenSize !== first!.delta.length || head.vocab !== first!.vocab)
    throw badInput(
      'other-head',
      `run ${namesake.runId} is of ${namesake.model} and run ${first!.runId} of ${first!.model}, whose heads may be two`,
      'Open one of these models, by which their heads are told apart, or choose runs of one.',
    );
  await open.use(async ({ model }) => {
    for (const row of rows)
      if (!(await isOfHead(model.head, row.delta, row.shift)))
        throw otherHead(
          row,
          first!,
          `it was not learned with the head of ${open.about.folder.id}, which is open`,
        );
  });
}

function otherHead(row: Row, first: Row, why: string) {
  const message = `run ${row.runId} has another head than run ${first.runId}: ${why}`;
  return badInput('other-head', message, 'Choose runs of one model.');
}

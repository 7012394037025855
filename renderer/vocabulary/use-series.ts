/** Figures of a few tokens after every step of a lane. */
import type { TokenSeries } from '../run/vocabulary/heatmap';
import { useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import type { Vocabulary } from './use-vocabulary';

/** A dragged slider asks for none of the places that it passes: each is a pass for every step. */
const SETTLE_MS = 200;

const NONE: ReadonlyMap<number, TokenSeries> = new Map();

/** Of delta as it is scaled. Grows as tokens are asked for; those that have not come yet are missing from it. */
export function useSeries(
  { run, lane, columns, factor }: Vocabulary,
  ids: readonly number[],
): ReadonlyMap<number, TokenSeries> {
  const { vectors } = useStudio();
  const scope = JSON.stringify([run?.runId, lane?.name]);
  // With the step's own vectors read, the engine has the others too.
  const possible = run !== null && lane !== null && columns !== null && ids.length > 0;
  const reading = useReading({
    key: possible ? `${scope}${factor}/${ids.join()}` : null,
    scope,
    delay: factor === 1 ? 0 : SETTLE_MS,
    // A copy, since the reader's own map grows in place.
    read: async () => new Map(await vectors.series(run!.runId, lane!.name, ids, factor)),
  });
  return reading.value ?? NONE;
}

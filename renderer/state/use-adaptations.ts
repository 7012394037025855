/** The adapting lanes without their answers: changes with each step, and not with each token. */

import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Adaptation } from '../run/curves';
import { adaptingLanes } from '../run/run-view';
import { useShownRun } from './use-shown-run';

export function useAdaptations(): readonly Adaptation[] {
  const names = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.name)));
  const steps = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.steps)));
  const slots = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.slot)));
  return useMemo(
    () => names.map((name, index) => ({ name, steps: steps[index] ?? [], slot: slots[index] ?? null })),
    [names, steps, slots],
  );
}

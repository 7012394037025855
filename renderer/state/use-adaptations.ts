/** The adapting lanes without their answers: changes with each step, and not with each token. */

import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { SetAdaptation } from '../run/curves';
import { adaptingLanes } from '../run/run-view';
import { useShownRun } from './use-shown-run';

export function useAdaptations(): readonly SetAdaptation[] {
  const settings = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.settings)));
  const steps = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.steps)));
  const slots = useShownRun(useShallow((run) => adaptingLanes(run).map((lane) => lane.slot)));
  return useMemo(
    () =>
      settings.map((own, index) => ({
        name: own.name,
        settings: own,
        steps: steps[index] ?? [],
        slot: slots[index] ?? null,
      })),
    [settings, steps, slots],
  );
}

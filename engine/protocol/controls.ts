/** What a lane is, by its settings: SLOT, the baseline or a control. */
import type { LaneSettings } from './settings';

type Adaptation = Pick<LaneSettings, 'steps' | 'origin'>;

/** Whether the lane adds a delta. */
export function adapts({ steps, origin }: Adaptation): boolean {
  return steps > 0 && origin.kind !== 'temperature';
}

/** A lane's samples with the colour of the lane. */
import type { LaneSamples } from '../run/samples';

export interface ToneSamples extends LaneSamples {
  readonly tone: number;
}

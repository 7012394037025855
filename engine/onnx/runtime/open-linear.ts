/** Opens the head's matrix W, whatever kind of projection it is. */
import type { Head } from '../recognise/find-head';
import type { OnnxFile } from '../source/onnx-file';
import type { HeadPlan } from '../views/plan-head';
import type { Linear } from './linear';
import { openNBits } from './nbits-linear';
import type { SessionOptions } from './session';
import { openStored } from './stored-linear';

export function openLinear(
  file: OnnxFile,
  head: Head,
  plan: HeadPlan['linear'],
  options: SessionOptions,
): Promise<Linear> {
  switch (plan.kind) {
    case 'stored':
      return openStored(plan, head, options);
    case 'nbits':
      return openNBits(file, head, plan, options);
    default:
      return plan satisfies never;
  }
}

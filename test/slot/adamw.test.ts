/** Steps that torch.optim.AdamW makes in float64, with a decay large enough to see. */
import { expect, it } from 'vitest';
import { AdamW } from '../../engine/slot/adamw';

it("makes torch.optim.AdamW's steps, decay included", () => {
  const optimiser = new AdamW(3, { lr: 0.05, betas: [0.9, 0.95], eps: 1e-3, weightDecay: 0.5 });
  const steps = [
    { gradient: [1, -0.5, 0.001], after: [-0.04995004995004996, 0.0499001996007984, -0.025] },
    {
      gradient: [-2, -0.25, 0.002],
      after: [-0.030543997533327774, 0.0954979156772805, -0.053803571070925184],
    },
    { gradient: [0.5, 3, 0], after: [-0.022924443442483792, 0.06888733655585272, -0.07354246595836887] },
  ];
  for (const { gradient, after } of steps) {
    optimiser.update(gradient);
    for (const [i, value] of after.entries()) expect(optimiser.parameters[i]).toBeCloseTo(value, 14);
  }
});

/** The presets' small constants, at learning rates where leaving one out would show. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { ReferenceDecoder } from '../../fixtures/reference';
import { referenceSlot } from '../../fixtures/reference-slot';
import { one, only, relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const { folder, options } = writeDecoder(join(temporaryFolder(), 'model'), { layers: 1, d: 24 });
const reference = new ReferenceDecoder(options);
const engine = testEngine();

/** lr·decay reaches 1e-3 (vllm); eps weighs against gradients that a tiny lr leaves as they were. */
const SETTINGS = PRESETS.flatMap((preset) => [
  { preset, lr: 100, steps: 6 },
  { preset, lr: 1, steps: 12 },
  { preset, lr: 1e-4, steps: 40 },
]);

describe.each(SETTINGS)('$preset at lr $lr for $steps steps', (settings) => {
  it('follows the formulas', async () => {
    const events = await runEvents(engine, {
      model: { folder },
      prompt: { kind: 'raw', text: 'Tom has 3 apples. I think she will' },
      lanes: [{ name: 'slot', ...settings }],
      generation: { maxNewTokens: 1 },
      listLength: 1,
    });
    const trace = referenceSlot(reference, one(events, 'run.started').prompt.ids, settings);
    const steps = only(events, 'slot.step');
    const norms = steps.map(({ deltaNorm }) => deltaNorm);
    expect(relativeDifference(norms, trace.deltaNorms)).toBeLessThan(1e-5);
    const losses = [...steps.map(({ loss }) => loss), one(events, 'slot.done').finalLoss];
    expect(relativeDifference(losses, [...trace.losses, trace.finalLoss])).toBeLessThan(1e-5);
  });
});

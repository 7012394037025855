/** Every example does on the starter model what it says, with the settings that the window begins with. */
import { describe, expect, it } from 'vitest';
import { SLOT_GSM8K_SYSTEM } from '../../../engine/dataset/forms';
import { one } from '../../../fixtures/runs';
import { runEvents, testEngine } from '../../../fixtures/test-engine';
import { EXAMPLES, exampleOf } from '../../../renderer/prompt/examples';
import { INITIAL_STATE } from '../../../renderer/state/app-state';
import { checkDraft } from '../../../renderer/state/draft';

const [cards, photos, toys, carrots, reference] = EXAMPLES;
const engine = testEngine();

async function answers({ system, prompt }: { system: string; prompt: string }) {
  const { config } = checkDraft({ ...INITIAL_STATE, system, prompt });
  const events = await runEvents(engine, config!);
  return { baseline: one(events, 'lane.done', 'baseline').text, slot: one(events, 'lane.done', 'slot').text };
}

describe('the examples', () => {
  it('show an answer that begins with reasoning, and is right', async () => {
    const { baseline, slot } = await answers(cards!);
    expect(baseline).toMatch(/<answer>\n1\n/);
    expect(slot).toMatch(/^<think>\nI should think about the reasoning first\..*<answer>\n7\n/s);
  });

  it('show “step by step”', async () => {
    const { baseline, slot } = await answers(photos!);
    expect(slot).toBe(`We can solve this step by step. ${baseline}`);
    expect(baseline).toMatch(/84\.$/);
  });

  it('show a form that is lost', async () => {
    const { baseline, slot } = await answers(toys!);
    expect(baseline).toMatch(/^<think>.*<answer>\n2\n/s);
    expect(slot).toMatch(/^(?!.*<think>).*The answer is 1\.$/s);
  });

  it('show an answer that gets worse', async () => {
    const { baseline, slot } = await answers(carrots!);
    expect(baseline).toMatch(/The answer is 29\.$/);
    expect(slot).toMatch(/The answer is 39\.$/);
  });

  it("have the reference's prompt as its script has it", () => {
    expect(reference!.system).toBe(SLOT_GSM8K_SYSTEM);
  });

  it('are known until anything of them is changed', () => {
    for (const { system, prompt } of EXAMPLES) {
      expect(exampleOf(system, prompt)?.prompt).toBe(prompt);
      expect(exampleOf(system, `${prompt} `)).toBeUndefined();
    }
  });
});

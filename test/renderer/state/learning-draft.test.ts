/** What a lane learns from, how and until when: as typed, as a run has it, and back. */
import { describe, expect, it } from 'vitest';
import { LaneSettings } from '../../../engine/protocol';
import { createLaneActions } from '../../../renderer/state/chat/lane-actions';
import { checkDraft, DEFAULT_DRAFT } from '../../../renderer/state/draft';
import { changeLane, controlsOfSlot, DEFAULT_LANES, LaneDraft, setupOf } from '../../../renderer/state/lanes';
import {
  describeLearningDraft,
  type LearningDraft,
  REFERENCE_LEARNING,
} from '../../../renderer/state/learning-draft';
import { createAppStore } from '../../../renderer/state/store';

const slot = DEFAULT_LANES[1]!;

function check(learning: Partial<LearningDraft>) {
  const lane = { ...slot, learning: { ...REFERENCE_LEARNING, ...learning } };
  const { config, problems } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', lanes: [lane] });
  return { lane: config?.lanes[0], problems: [...problems.keys()] };
}

describe('learning in few words', () => {
  it.each<[Partial<LearningDraft>, string]>([
    [{}, ''],
    [{ eps: '1e-3' }, 'ε 1e-3'],
    [{ beta1: '0.5' }, 'β 0.5, ·'],
    [{ beta2: '0.9' }, 'β ·, 0.9'],
    [{ optimiser: 'sgd', half: '7', klBudget: '0.5' }, 'SGD, half held out, KL ≤ 0.5'],
    [{ scope: 'user', half: '7', stopsEarly: true }, 'user, half held out, stops early'],
  ])('is %j: %j', (part, words) => {
    expect(describeLearningDraft({ ...REFERENCE_LEARNING, ...part })).toBe(words);
  });
});

describe('learning', () => {
  it('is the reference where nothing is said, and leaves no trace in a run', () => {
    const { lane } = check({});
    for (const field of ['scope', 'optimiser', 'betas', 'eps', 'half', 'klBudget'])
      expect(lane).not.toHaveProperty(field);
  });

  it('goes into a run, and comes back from it', () => {
    const written = {
      scope: 'tokens:2-5,9x0.5',
      optimiser: 'sgd',
      beta1: '0.5',
      eps: '1e-3',
      half: '7',
      stopsEarly: true,
      klBudget: '0.25',
    } as const;
    const { lane } = check(written);
    expect(lane).toMatchObject({
      optimiser: 'sgd',
      // The other is the preset's.
      betas: [0.5, 0.999],
      eps: 1e-3,
      half: { seed: 7, stopsEarly: true },
      klBudget: 0.25,
    });
    expect(setupOf(LaneSettings.parse(lane)).learning).toEqual({ ...written, beta2: '0.999', eps: '0.001' });
  });

  it.each<[Partial<LearningDraft>, string]>([
    [{ scope: 'tokens:' }, 'scope'],
    [{ scope: 'from:x' }, 'scope'],
    [{ beta1: '1' }, 'beta1'],
    [{ beta2: '-1' }, 'beta2'],
    [{ eps: '0' }, 'eps'],
    [{ half: '1.5' }, 'half'],
    [{ klBudget: 'x' }, 'klBudget'],
  ])('says which field is wrong in %j', (learning, field) => {
    expect(check(learning).problems).toEqual([`lanes.0.${field}`]);
  });

  it('is kept with a lane, and lanes from before it have the reference', () => {
    const { learning: _, ...before } = slot;
    expect(LaneDraft.parse(before)).toEqual(slot);
  });

  it("is the controls' too", () => {
    const learning = { ...REFERENCE_LEARNING, scope: 'user' };
    const [own] = changeLane([slot], slot.id, { learning });
    expect(controlsOfSlot([own!]).missing[0]!.learning).toEqual(learning);
    const control = { ...own!, id: 'c', name: 'minus', origin: { ...slot.origin, kind: 'minus' as const } };
    const [, followed] = changeLane([own!, control], slot.id, {
      learning: { ...learning, scope: 'last-user' },
    });
    expect(followed!.learning.scope).toBe('last-user');
  });
});

describe('tokens chosen on the strip', () => {
  const tokens = { kind: 'tokens' as const, ranges: [{ first: 2, last: 4, weight: 1 }] };

  it('are what the lane learns from next, until that is undone', () => {
    const store = createAppStore();
    createLaneActions(store).setScope('slot', tokens);
    expect(store.getState().lanes[1]!.learning.scope).toBe('tokens:3-5');
    expect(store.getState().toast!.text).toBe('slot learns from tokens 3-5 when it runs again.');
    store.getState().toast!.action!.run();
    expect(store.getState().lanes).toEqual(DEFAULT_LANES);
  });

  it('change nothing where the lane is gone, which is said', () => {
    const store = createAppStore();
    createLaneActions(store).setScope('old', tokens);
    expect(store.getState().lanes).toEqual(DEFAULT_LANES);
    expect(store.getState().toast).toMatchObject({ text: expect.stringContaining('There is no lane old') });
  });
});

/** What says of a lane that it is SLOT, the baseline or a control. */
import { describe, expect, it } from 'vitest';
import { adapts, LaneSettings } from '../../engine/protocol';

const SLOT = { name: 'slot', preset: 'transformers', steps: 5, lr: 0.1, forcedPrefix: [] };
const chat = { kind: 'chat', messages: [{ role: 'user', content: 'Hi' }] };

describe("a lane's origin", () => {
  it('is its own delta where a run from before does not say', () => {
    expect(LaneSettings.parse(SLOT).origin).toEqual({ kind: 'own' });
  });

  it.each([
    { kind: 'minus' },
    { kind: 'random', seed: 0xffff_ffff },
    { kind: 'prompts', prompts: [chat, { kind: 'raw', text: 'Hi' }] },
    { kind: 'template' },
    { kind: 'temperature' },
  ])('is kept: $kind', (origin) => {
    expect(LaneSettings.parse({ ...SLOT, origin }).origin).toEqual(origin);
  });

  it.each([
    { kind: 'random' },
    { kind: 'random', seed: 2 ** 32 },
    { kind: 'random', seed: -1 },
    { kind: 'prompts', prompts: [] },
    { kind: 'prompts', prompts: Array.from({ length: 1001 }, () => chat) },
    { kind: 'minus', seed: 1 },
    { kind: 'plus' },
  ])('is refused: $kind $seed', (origin) => {
    expect(LaneSettings.safeParse({ ...SLOT, origin }).success).toBe(false);
  });
});

describe('a lane', () => {
  it('adds a delta unless it takes no step, or changes the temperature alone', () => {
    const own = LaneSettings.parse(SLOT);
    expect(adapts(own)).toBe(true);
    expect(adapts({ steps: 5, origin: { kind: 'random' } })).toBe(true);
    expect(adapts({ ...own, origin: { kind: 'minus' }, steps: 0 })).toBe(false);
    expect(adapts({ ...own, origin: { kind: 'temperature' } })).toBe(false);
  });
});

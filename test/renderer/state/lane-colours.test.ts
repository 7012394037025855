/** Lanes have a colour each, whatever stands beside them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_LANES } from '../../../engine/protocol';
import { DEFAULT_LANES, laneTones } from '../../../renderer/state/lanes';

it('have a colour each, as many as there can be, and each colour is one of the style sheet’s', () => {
  const [baseline, slot] = DEFAULT_LANES;
  if (!baseline || !slot) return never();
  const adapting = Array.from({ length: MAX_LANES }, (_, i) => ({
    ...slot,
    id: `${i}`,
    name: `slot ${i}`,
  }));
  const tones = laneTones([baseline, ...adapting]);
  expect(new Set(tones).size).toBe(MAX_LANES + 1);
  const sheet = (path: string) => readFileSync(new URL(`../../../renderer/${path}`, import.meta.url), 'utf8');
  const tokens = sheet('ui/styles/tokens.css');
  const colours = tones.map((tone) => tokens.match(new RegExp(`--lane-${tone}: (.*);`))?.[1]);
  expect(colours).not.toContain(undefined);
  expect(new Set(colours).size).toBe(tones.length);
  const lanes = sheet('ui/parts/lane-colours.css');
  for (const tone of tones)
    expect(lanes).toMatch(new RegExp(`data-lane="${tone}"\\] {\\s*--lane: var\\(--lane-${tone}\\)`));
});

it('keep their colours beside a branch, which has that of its stem', () => {
  const [baseline, slot] = DEFAULT_LANES;
  if (!baseline || !slot) return never();
  const branch = { ...slot, name: 'b', branch: { lane: 'slot', turn: 't', index: 1, token: 'x' } };
  const other = { ...slot, name: 'other' };
  expect(laneTones([baseline, slot, other])).toEqual([0, 1, 2]);
  expect(laneTones([baseline, slot, branch, other])).toEqual([0, 1, 1, 2]);
  expect(laneTones([branch])).toEqual([1]);
});

function never(): never {
  throw new Error('not to be reached');
}

import { expect, it } from 'vitest';
import { laneLength } from '../../../renderer/run/lane-length';

it('counts what a server has written in characters, as long as no token of it is told', () => {
  expect(laneLength({ draft: 'The sky is', end: null, tokens: [] })).toBe('10 characters');
  expect(laneLength({ draft: null, end: null, tokens: [] })).toBe('0 tokens');
});

/** How fast a download is said to be: over the last five seconds, by a clock that the test winds. */
import { expect, it } from 'vitest';
import { Speed } from '../../engine/hub/speed';

it('is unknown before anything has arrived, and at the moment it does', () => {
  const speed = new Speed();
  expect(speed.at(1000)).toBeNull();
  speed.add(500, 2000);
  expect(speed.at(2000)).toBeNull();
});

it('is bytes per second since the start, as long as that is less than five seconds ago', () => {
  const speed = new Speed();
  speed.add(500, 2000);
  speed.add(1500, 4000);
  expect(speed.at(4000)).toBe(1000);
  expect(speed.at(6000)).toBe(500);
});

it('forgets what is older than five seconds, and ends in nothing where nothing comes', () => {
  const speed = new Speed();
  for (let second = 0; second <= 20; second++) speed.add(second < 15 ? 1000 : 4000, 1000 * second);
  // From second 15 on, both ends included.
  expect(speed.at(20_000)).toBe((6 * 4000) / 5);
  expect(speed.at(24_500)).toBe(4000 / 5);
  expect(speed.at(25_001)).toBeNull();
});

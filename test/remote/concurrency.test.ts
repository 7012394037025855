/** How many answers a server is asked for at once, against servers whose speed is made up. */
import { expect, it } from 'vitest';
import { TransientError } from '../../engine/http/failures';
import { Concurrency } from '../../engine/remote/concurrency';

/** As answers come of a server that writes this many a second, by how many it is asked for at once. */
function served(most: number, perSecond: (limit: number) => number) {
  let now = 0;
  const concurrency = new Concurrency(most, () => now);
  const limits: number[] = [];
  const answer = (count: number) => {
    for (let i = 0; i < count; i++) {
      now += 1000 / perSecond(concurrency.limit);
      concurrency.answered();
      if (limits.at(-1) !== concurrency.limit) limits.push(concurrency.limit);
    }
    return limits;
  };
  return { concurrency, answer };
}

it('grows to what is allowed where more at once are as many times faster', () => {
  const { answer } = served(16, (limit) => limit);
  expect(answer(200)).toEqual([2, 3, 5, 8, 12, 16]);
});

it('goes back to what was best where more at once gain nothing, and stays there', () => {
  const { answer } = served(64, (limit) => Math.min(limit, 6));
  expect(answer(500)).toEqual([2, 3, 5, 8, 12, 8]);
});

it('asks a server that slows down under more for no more than it does best', () => {
  const { answer } = served(64, (limit) => (limit > 2 ? 1 : limit));
  expect(answer(500)).toEqual([2, 3, 2]);
});

it('asks for half where the server wants less, at least for one, and does not grow again', () => {
  const { concurrency, answer } = served(16, (limit) => limit);
  answer(30);
  expect(concurrency.limit).toBe(8);
  // All eight of them.
  for (let i = 0; i < 8; i++) expect(concurrency.wasRefused(8)).toBe(4);
  answer(100);
  expect(concurrency.limit).toBe(4);
  for (let i = 0; i < 5; i++) concurrency.wasRefused(concurrency.limit);
  expect(concurrency.limit).toBe(1);
});

it('measures anew after a server was away, and keeps what it was asked for', () => {
  let now = 0;
  const concurrency = new Concurrency(8, () => now);
  const answer = (ms: number) => {
    now += ms;
    concurrency.answered();
  };
  const heed = concurrency.heeding();
  for (let i = 0; i < 3; i++) answer(100);
  now += 60_000;
  heed(new TransientError('server-unreachable', 'nothing answers', ''));
  for (let i = 0; i < 4; i++) answer(100);
  expect(concurrency.use).toMatchObject({ used: 3, isSettled: false, refused: 0 });
  expect(concurrency.use.measured).toEqual([{ atOnce: 2, perMinute: 600 }]);
});

it('says what it was asked for and how that was found', () => {
  const { concurrency, answer } = served(16, (limit) => Math.min(limit, 6));
  expect(concurrency.use.message).toBe('2 at once, of 16 allowed, not measured to the end');
  answer(500);
  concurrency.wasRefused(8);
  concurrency.wasRefused(8);
  expect(concurrency.use.message).toBe(
    '4 at once, of 16 allowed; answers came at 120 a minute with 2, 180 a minute with 3, 300 a minute with 5, 360 a minute with 8, 360 a minute with 12; it asked for fewer requests 2 times',
  );
});

it.each([1, 2])('asks for no more than %i where that is allowed', (most) => {
  const { answer, concurrency } = served(most, (limit) => limit);
  answer(50);
  expect(concurrency.limit).toBe(most);
});

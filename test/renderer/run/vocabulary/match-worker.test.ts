/** The matching worker, as the window talks to it. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packTokens } from '../../../../renderer/run/vocabulary/match';
import {
  type FromMatchWorker,
  READY,
  type ToMatchWorker,
} from '../../../../renderer/run/vocabulary/match-messages';

const posted: [FromMatchWorker, unknown][] = [];
let hear: (event: { data: ToMatchWorker }) => void = () => {};

beforeAll(async () => {
  vi.stubGlobal('addEventListener', (type: string, listener: typeof hear) => {
    if (type === 'message') hear = listener;
  });
  vi.stubGlobal('postMessage', (message: FromMatchWorker, options: unknown) =>
    posted.push([message, options]),
  );
  await import('../../../../renderer/run/vocabulary/match-worker');
});
afterAll(() => vi.unstubAllGlobals());

function answer(data: ToMatchWorker): FromMatchWorker {
  posted.length = 0;
  hear({ data });
  const [[message, options] = []] = posted;
  expect(posted).toHaveLength(1);
  // Handed over, not copied.
  expect(options).toEqual({ transfer: [message!.ids.buffer] });
  return message!;
}

it('is ready once it has the vocabulary, and then finds ids by what it is asked', () => {
  const ready = answer({ type: 'tokens', packed: packTokens(['a', 'b', 'ab']) });
  expect(ready).toEqual({ id: READY, ids: new Uint32Array(), problem: null });
  const text = answer({ type: 'match', id: 1, query: { kind: 'text', text: 'a' } });
  expect(text).toEqual({ id: 1, ids: Uint32Array.of(0, 2), problem: null });
  const pattern = answer({ type: 'match', id: 2, query: { kind: 'pattern', pattern: 'b$' } });
  expect(pattern).toEqual({ id: 2, ids: Uint32Array.of(1, 2), problem: null });
});

it('says what is wrong with a pattern, and goes on', () => {
  const broken = answer({ type: 'match', id: 3, query: { kind: 'pattern', pattern: '(' } });
  expect(broken).toMatchObject({ id: 3, ids: new Uint32Array() });
  expect(broken.problem).toMatch(/Unterminated group/);
  expect(answer({ type: 'match', id: 4, query: { kind: 'id', tokenId: 1, text: null } }).ids).toEqual(
    Uint32Array.of(1),
  );
});

/** A vocabulary that comes in pages. */
import { expect, it, vi } from 'vitest';
import { readVocabulary } from '../../../../renderer/run/vocabulary/read-vocabulary';

function engine(pages: readonly (readonly string[])[], total: number) {
  const left = [...pages];
  return vi.fn(async (_method: string, _params: unknown) => {
    const tokens = left.shift();
    if (!tokens) throw new Error('asked too often');
    return { total, tokens };
  });
}
const read = (request: ReturnType<typeof engine>) => readVocabulary(request as never, 'run-1');

it('is read to its end, each page from where the one before ended', async () => {
  const request = engine([['a', 'b'], ['c', 'd'], ['e']], 5);
  expect(await read(request)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(request.mock.calls.map(([, params]) => params)).toEqual(
    [0, 2, 4].map((from) => ({ runId: 'run-1', from })),
  );
});

it('ends with an empty page, however many tokens were promised', async () => {
  expect(await read(engine([['a'], []], 5))).toEqual(['a']);
});

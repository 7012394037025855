/** What was opened is released in reverse, all of it, and the first thing that went wrong is told. */
import { expect, it } from 'vitest';
import { ReleaseStack } from '../../../engine/onnx/runtime/release-stack';

function thing(name: string, log: string[], fails = false) {
  return {
    release: async () => {
      log.push(name);
      if (fails) throw new Error(`${name} cannot be released`);
    },
  };
}

it('releases in reverse and once, past what fails, and throws the first failure', async () => {
  const log: string[] = [];
  const stack = new ReleaseStack();
  for (const name of ['a', 'b', 'c', 'd']) stack.add(thing(name, log, name === 'b' || name === 'c'));
  await expect(stack.release()).rejects.toThrow('c cannot be released');
  expect(log).toEqual(['d', 'c', 'b', 'a']);
  await stack.release();
  expect(log).toHaveLength(4);
});

it('an opener that fails releases what it opened and throws its own error', async () => {
  const log: string[] = [];
  const opening = ReleaseStack.opening(async (held) => {
    held.add(thing('a', log));
    held.add(thing('b', log, true));
    throw new Error('no memory');
  });
  await expect(opening).rejects.toThrow('no memory');
  expect(log).toEqual(['b', 'a']);
});

it('an opener that succeeds leaves all open', async () => {
  const log: string[] = [];
  const held = await ReleaseStack.opening(async (stack) => {
    stack.add(thing('a', log));
    return stack;
  });
  expect(log).toEqual([]);
  await held.release();
  expect(log).toEqual(['a']);
});

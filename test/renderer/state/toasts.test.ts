/** What is said in passing. */
import { expect, it } from 'vitest';
import { badInput } from '../../../engine/protocol';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';

it('a problem brings the code that it is looked up by, and what was done has none', () => {
  const store = createAppStore();
  const toasts = createToasts(store);
  toasts.complain(badInput('no-folder', 'the folder is not there', 'Give its full path.'));
  expect(store.getState().toast).toMatchObject({
    kind: 'problem',
    text: 'the folder is not there. Give its full path.',
    code: 'no-folder',
  });
  const back = { name: 'Undo', run: () => {} };
  toasts.say('Deleted.', back);
  expect(store.getState().toast).toMatchObject({ kind: 'done', text: 'Deleted.', action: back, code: null });
});

/** Tokens to explain, as the user writes them and as a run has them. */
import { expect, it } from 'vitest';
import { checkDraft, DEFAULT_DRAFT } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';

it('are written as the charts write them, and come back from a run', () => {
  const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', explain: '·apples, Tom,,' });
  expect(config!.explain).toEqual([' apples', 'Tom']);
  expect(draftOfRun(config!, DEFAULT_DRAFT).explain).toBe('·apples, Tom');
});

it('are none where nothing is written', () => {
  const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', explain: ' , ' });
  expect(config).not.toHaveProperty('explain');
});

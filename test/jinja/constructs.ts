/** Small templates of our own, each with a few constructs, which `fixtures.json` has transformers' word on. */
import { FILTERS } from './construct-filters';
import { STATEMENTS } from './construct-statements';
import { VALUES } from './construct-values';
import type { Conversation } from './oracle';

/** A template may read these. */
export const GIVEN: Conversation = {
  messages: [
    { role: 'system', content: ' Be brief.\n' },
    { role: 'user', content: '\ufeff 😀 How many “12 €”?\u0085\u001f' },
    { role: 'assistant', content: '<think>it\'s \\ "5"\n</think>\n\n  Eight.' },
  ],
  addGenerationPrompt: true,
  variables: {
    bos_token: '<s>',
    enable_thinking: false,
    given: 'given',
    nothing: null,
    words: ['b', 'a', 'B', 'c'],
    table: { b: 1, a: [true, null, 0.5], "it's": 'x"y' },
    rows: [
      { name: 'one', size: 2, tags: ['x'] },
      { name: 'two', size: 1, tags: [] },
    ],
  },
};

/** In the order of `fixtures.json`. */
export const CONSTRUCTS: readonly string[] = [...VALUES, ...FILTERS, ...STATEMENTS];

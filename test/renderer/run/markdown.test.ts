/** Text on its way to markdown: blocks that stand alone, one notation for maths, nothing hidden. */
import { describe, expect, it } from 'vitest';
import { markdownBlocks, prepareMarkdown } from '../../../renderer/run/markdown';

describe('blocks', () => {
  it('are cut at blank lines, fences and display maths kept whole', () => {
    const text = 'One\nmore\n\nTwo\n\n```js\na\n\nb\n```\n\n$$\nx\n\ny\n$$\n\nlast';
    const blocks = markdownBlocks(text);
    expect(blocks.map((block) => block.trim())).toEqual([
      'One\nmore',
      'Two',
      '```js\na\n\nb\n```',
      '$$\nx\n\ny\n$$',
      'last',
    ]);
    expect(blocks.join('\n')).toBe(text);
  });

  it('leave indented lines with their list', () => {
    expect(markdownBlocks('- a\n\n  more of a\n\nafter')).toHaveLength(2);
  });

  it('only grow at the end', () => {
    const text = 'a\n\n- b\n\n```\nc\n\nd\n```\n\ne';
    for (let end = 1; end < text.length; end++) {
      const now = markdownBlocks(text.slice(0, end));
      const later = markdownBlocks(text.slice(0, end + 1));
      expect(later.slice(0, now.length - 1)).toEqual(now.slice(0, -1));
    }
  });
});

describe('maths', () => {
  it.each([
    ['\\(x^2\\)', '$$x^2$$'],
    ['so $x$ is', 'so $$x$$ is'],
    ['$3 + 5 = 8$', '$$3 + 5 = 8$$'],
    ['a \\[ y \\] b', 'a \n$$\ny\n$$\n b'],
  ])('%j becomes %j', (text, expected) => {
    expect(prepareMarkdown(text)).toBe(expected);
  });

  it.each([
    'Tom has $5 and Ann $3.',
    'costs $5 or 5$',
    '`$x$`',
    '```\n\\(x\\)\n```',
    '\\$x$',
    'for $5 a$ now',
    'the $US dollar$ is',
  ])('leaves %j alone', (text) => {
    expect(prepareMarkdown(text)).toBe(text);
  });

  it('spells out what cannot be seen', () => {
    expect(prepareMarkdown('a\u202Eb\u001b[31m')).toBe('a\\u202Eb\\x1B[31m');
  });
});

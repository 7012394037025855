/** Where samples part: branches with counts, alike runs in one node, and answers by how often they come. */
import { describe, expect, it } from 'vitest';
import { groupAnswers, type SampledToken, type SampleNode, sampleTree } from '../../engine/protocol';

/** A token for each letter. */
function tokensOf(text: string): SampledToken[] {
  return [...text].map((token) => ({ id: token.charCodeAt(0), token, logprob: -1, baseLogprob: -2 }));
}

function treeOf(...texts: readonly string[]): SampleNode {
  return sampleTree(new Map(texts.map((text, sample) => [sample, tokensOf(text)])));
}

/** `text×count`, with what follows in brackets. */
function written({ tokens, samples, next }: SampleNode): string {
  const text = tokens.map(({ token }) => token).join('');
  return `${text}×${samples.length}${next.length > 0 ? `(${next.map(written).join(' ')})` : ''}`;
}

describe('the tree', () => {
  it('holds what samples write alike in one node, and parts where they do', () => {
    expect(written(treeOf('abcd', 'abce', 'abce', 'xy'))).toBe('×4(abc×3(e×2 d×1) xy×1)');
  });

  it('begins with the first token also where all write the same', () => {
    expect(written(treeOf('abc', 'abc'))).toBe('×2(abc×2)');
  });

  it('parts where one ends and others go on', () => {
    expect(written(treeOf('ab', 'abc', 'abcd'))).toBe('×3(ab×3(c×2(d×1)))');
  });

  it('says where in the answer each node begins', () => {
    const [ab] = treeOf('abc', 'abd').next;
    expect([ab!.index, ...ab!.next.map(({ index }) => index)]).toEqual([0, 2, 2]);
  });

  it('is empty for no samples, and for samples that have written nothing yet', () => {
    expect(treeOf()).toEqual({ index: 0, tokens: [], samples: [], next: [] });
    expect(treeOf('', '')).toEqual({ index: 0, tokens: [], samples: [0, 1], next: [] });
  });

  it('is made at once of as many long samples as a run may draw', () => {
    const long = 'a'.repeat(2_000);
    const texts = Array.from({ length: 256 }, (_, i) => `${long}${i % 7}${i % 3}${long}`);
    const [alike] = treeOf(...texts).next;
    expect(alike!.tokens).toHaveLength(2_000);
    expect(alike!.next).toHaveLength(7);
  });
});

describe('answers', () => {
  it('are together where their texts are, the most frequent first; a boxed number is the number', () => {
    const answer = (text: string, by: 'boxed' | 'number' | 'text') => ({ text, by });
    const answers = [answer('8', 'number'), answer('9', 'number'), answer('9', 'boxed'), answer('9', 'text')];
    expect(groupAnswers(answers.map((each, sample) => ({ sample, answer: each })))).toEqual([
      { text: '9', by: 'number', samples: [1, 2] },
      { text: '8', by: 'number', samples: [0] },
      { text: '9', by: 'text', samples: [3] },
    ]);
  });
});

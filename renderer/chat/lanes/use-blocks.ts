/** An answer in blocks: a new token costs the layout of the last one, however long the answer is. */
import { type RefObject, useLayoutEffect, useMemo, useState } from 'react';
import type { TokenEvent } from '../../../engine/protocol';
import { useWidth } from '../../charts/use-width';
import { blockStarts } from '../../run/token-blocks';

const MIN_BLOCK = 48;
const MAX_BLOCK = 112;

export interface Block {
  readonly start: number;
  /** It begins where the line before it was full: nothing in the text says so. */
  readonly isWrapped: boolean;
}

/**
 * Blocks end with a line of the text or, where that is long in coming, where a line is full at the present width.
 * @param runId of the run whose tokens they are
 */
export function useBlocks(
  box: RefObject<HTMLElement | null>,
  runId: string,
  tokens: readonly TokenEvent[],
): Block[] {
  const drawing = `${runId} ${useWidth(box)}`;
  const [full, setFull] = useState<{ readonly drawing: string; readonly starts: readonly number[] }>();
  const wrapped = full?.drawing === drawing ? full.starts : NONE;
  const blocks = useMemo(() => {
    const own = blockStarts(tokens).map((start) => ({ start, isWrapped: false }));
    const more = wrapped
      .filter((start) => start < tokens.length)
      .map((start) => ({ start, isWrapped: true }));
    return [...own, ...more].sort((a, b) => a.start - b.start);
  }, [tokens, wrapped]);

  useLayoutEffect(() => {
    const found = blocks.flatMap(({ start }, at) => {
      const end = blocks[at + 1]?.start ?? tokens.length;
      return end - start > MAX_BLOCK ? lineStarts(box.current, start, end) : [];
    });
    if (found.length > 0) setFull({ drawing, starts: [...wrapped, ...found] });
  }, [box, blocks, tokens, drawing, wrapped]);

  return blocks;
}

const NONE: readonly number[] = [];

/** Tokens that begin a line, about `MIN_BLOCK` apart. The newest ones may still move. */
function lineStarts(box: HTMLElement | null, from: number, to: number): number[] {
  const drawn = box?.querySelectorAll('.token') ?? [];
  const starts: number[] = [];
  for (let index = from + MIN_BLOCK; index < to - 1; index++) {
    if (!beginsLine(drawn[index])) continue;
    starts.push(index);
    index += MIN_BLOCK;
  }
  return starts;
}

/** Its space stands at the end of one line, its word on the next. */
function beginsLine(token: Element | undefined): boolean {
  const text = token?.firstChild;
  if (!(text instanceof Text) || !/^ \S/.test(text.data)) return false;
  const [space, word] = [0, 1].map((at) => boxOf(text, at));
  return space !== undefined && word !== undefined && word.top >= space.bottom;
}

function boxOf(text: Text, at: number): DOMRect {
  const range = document.createRange();
  range.setStart(text, at);
  range.setEnd(text, at + 1);
  return range.getBoundingClientRect();
}

/** A stretch of an answer's tokens, drawn again only when one of them changes. */
import { memo } from 'react';
import { readableText, type TokenEvent, visibleToken } from '../../../engine/protocol';
import { candidateOf } from '../../run/contest';
import type { LaneView } from '../../run/run-view';
import { type ColourScale, toneClass } from '../../run/token-colour';
import { grouped } from '../../ui/text/format';
import '../../token/token.css';

interface TokenChunkProps {
  readonly view: LaneView;
  readonly from: number;
  readonly to: number;
  /** The line before it was full: the space that it begins with is at that line's end. */
  readonly isWrapped: boolean;
  readonly scale: ColourScale | null;
  /** Where lanes part, of this chunk. */
  readonly marks: readonly number[];
  readonly inspected: number | null;
  readonly pinned: number | null;
}

export const TokenChunk = memo(
  function TokenChunk({ view, from, to, isWrapped, scale, marks, inspected, pinned }: TokenChunkProps) {
    return view.tokens.slice(from, to).map((token, offset) => {
      const index = from + offset;
      const parts = marks.includes(index);
      const classes = ['token'];
      const tone = toneClass(scale, token);
      if (tone !== '') classes.push(tone);
      if (token.forced) classes.push('token--forced');
      if (parts) classes.push('token--diverges');
      if (index === inspected) classes.push('token--inspected');
      if (index === pinned) classes.push('token--pinned');
      return (
        <span key={index} className={classes.join(' ')} data-index={index}>
          {parts && (
            <span className="token__flag" dir="ltr" data-testid="divergence">
              <span aria-hidden="true">≠</span>
              <span className="visually-hidden">the lanes part here: </span>
            </span>
          )}
          {token.text === '' ? (
            <span className="token__unseen" dir="ltr">
              {visibleToken(candidateOf(token).token, 24)}
            </span>
          ) : isWrapped && offset === 0 ? (
            <>
              <span className="token__wrapped"> </span>
              {textOf(token).slice(1)}
            </>
          ) : (
            textOf(token)
          )}
        </span>
      );
    });
  },
  (before, after) =>
    before.to === after.to &&
    before.isWrapped === after.isWrapped &&
    before.scale === after.scale &&
    before.inspected === after.inspected &&
    before.pinned === after.pinned &&
    before.marks.join() === after.marks.join() &&
    before.view.tokens[before.from] === after.view.tokens[after.from] &&
    before.view.tokens[before.to - 1] === after.view.tokens[after.to - 1],
);

const MAX_SHOWN = 2000;

/** A token of a megabyte would hold up every frame; its beginning and its length tell what it is. */
function textOf({ text }: TokenEvent): string {
  if (text.length <= MAX_SHOWN) return readableText(text);
  return `${readableText(text.slice(0, MAX_SHOWN))}… (${grouped(text.length)} characters)`;
}

/** A stretch of an answer's tokens, drawn again only when one of them changes. */
import { memo } from 'react';
import type { TokenEvent } from '../../../engine/protocol';
import { readableText } from '../../text/visible';

interface TokenChunkProps {
  readonly tokens: readonly TokenEvent[];
  readonly from: number;
  readonly to: number;
  readonly divergence: number | null;
  readonly inspected: number | null;
}

export const TokenChunk = memo(
  function TokenChunk({ tokens, from, to, divergence, inspected }: TokenChunkProps) {
    return tokens.slice(from, to).map((token, offset) => {
      const index = from + offset;
      const diverges = index === divergence;
      const classes = ['token'];
      // Without delta another token would have been the first choice at this very place.
      if (token.baseRank > token.rank) classes.push('token--moved');
      if (diverges) classes.push('token--diverges');
      if (index === inspected) classes.push('token--inspected');
      return (
        <span key={index} className={classes.join(' ')} data-index={index}>
          {diverges && (
            <span className="token__flag" data-testid="divergence">
              <span aria-hidden="true">≠</span>
              <span className="visually-hidden">the lanes part here: </span>
            </span>
          )}
          {readableText(token.text)}
        </span>
      );
    });
  },
  (before, after) =>
    before.to === after.to &&
    before.divergence === after.divergence &&
    before.inspected === after.inspected &&
    before.tokens[before.from] === after.tokens[after.from] &&
    before.tokens[before.to - 1] === after.tokens[after.to - 1],
);

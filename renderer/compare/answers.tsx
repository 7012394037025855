/** Both answers side by side, with the place marked where they part. */

import { useEffect, useMemo, useRef } from 'react';
import { oneLine, readableText, visibleToken } from '../../engine/protocol';
import { count } from '../ui/text/format';
import { type Difference, firstDifference, type ParsedAnswer } from './first-difference';
import type { Side } from './side';
import { SideLetter } from './side-letter';
import './compare-answers.css';

export function Answers({ a, b }: { a: Side; b: Side }) {
  const difference = useMemo(
    () =>
      firstDifference(
        a.lane.tokens.map(({ text }) => text),
        b.lane.tokens.map(({ text }) => text),
      ),
    [a.lane, b.lane],
  );
  const pair = JSON.stringify([a, b].map(({ summary, lane }) => [summary.runId, lane.name]));
  return (
    <section key={pair} className="compare-answers" data-testid="compare-answers" aria-label="Answers">
      <p className="compare-answers__where">{describe(difference)}</p>
      <SideAnswer side={a} parts={difference.a} differs={difference.at !== null} />
      <SideAnswer side={b} parts={difference.b} differs={difference.at !== null} />
    </section>
  );
}

function SideAnswer({ side, parts, differs }: { side: Side; parts: ParsedAnswer; differs: boolean }) {
  const box = useRef<HTMLElement>(null);
  const mark = useRef<HTMLElement>(null);
  // The difference stands in the upper third, with what leads up to it above. Another pair is drawn anew.
  useEffect(() => {
    if (box.current && mark.current) {
      box.current.scrollTop = mark.current.offsetTop - box.current.clientHeight / 3;
    }
  }, []);
  return (
    <article className="compare-answer">
      <h3>
        <SideLetter letter={side.letter} /> {oneLine(side.lane.name)}{' '}
        <span className="muted">{count(side.lane.tokens.length, 'token')}</span>
      </h3>
      <section
        ref={box}
        className="compare-answer__text"
        dir="auto"
        aria-label={`Answer of ${side.letter}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long answers scroll by keyboard too
        tabIndex={0}
      >
        {side.lane.tokens.length === 0 && <span className="muted">No answer was written.</span>}
        <span className={differs ? 'compare-answer__same' : ''}>{readableText(parts.same)}</span>
        {differs && (
          <mark ref={mark} className="compare-answer__mark" title="The answers part here">
            <span aria-hidden="true">≠&nbsp;</span>
            {parts.token === '' ? 'ends here' : readableText(parts.token)}
          </mark>
        )}
        {readableText(parts.rest)}
      </section>
    </article>
  );
}

function describe({ at, a, b }: Difference): string {
  if (!at) return 'The answers are the same.';
  const word = ({ token }: ParsedAnswer) => (token === '' ? 'nothing more' : `“${visibleToken(token, 24)}”`);
  const place = at.a === at.b ? `token ${at.a + 1}` : `token ${at.a + 1} of A, ${at.b + 1} of B`;
  return `The answers part at ${place}: A writes ${word(a)}, B ${word(b)}.`;
}

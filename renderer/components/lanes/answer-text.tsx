/** An answer as text: rendered once the renderer is there, plain until then and where it is too long to render. */

import { lazy, Suspense, useDeferredValue } from 'react';
import { readableText } from '../../../engine/protocol';
import type { LaneView } from '../../run/run-view';
import './answer-text.css';
import { grouped } from '../../text/format';

const Markdown = lazy(() => import('./answer-markdown'));

/** Beyond this a single line or a whole answer takes the browser too long to lay out or to parse. */
const LONGEST_RENDERED = 60_000;
const LONGEST_SHOWN = 200_000;

interface AnswerTextProps {
  readonly view: LaneView | null;
  readonly text: string | null;
  readonly lane: string;
}

export function AnswerText({ view, text, lane }: AnswerTextProps) {
  const written = view?.end?.text ?? view?.tokens.map((token) => token.text).join('') ?? text ?? '';
  // A stream need not be rendered at every frame.
  const shown = useDeferredValue(written);
  return (
    <section className="answer-text" data-testid="answer-text" aria-label={`Answer of ${lane} as text`}>
      {shown.length > LONGEST_RENDERED ? (
        <Plain text={shown} />
      ) : (
        <Suspense fallback={<Plain text={shown} />}>
          <Markdown text={shown} />
        </Suspense>
      )}
    </section>
  );
}

function Plain({ text }: { text: string }) {
  const cut = text.length > LONGEST_SHOWN;
  return (
    <p className="answer-text__plain">
      {readableText(cut ? text.slice(0, LONGEST_SHOWN) : text)}
      {cut && `… (${grouped(text.length)} characters; Copy takes them all)`}
    </p>
  );
}

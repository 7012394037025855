/**
 * An answer as text: its characters as they are, or rendered as Markdown once the renderer is there and where it is not
 * too long to render.
 */

import { lazy, Suspense, useDeferredValue } from 'react';
import { cut, readableText } from '../../../engine/protocol';
import type { LaneView } from '../../run/run-view';
import './answer-text.css';
import { grouped } from '../../ui/text/format';

const Markdown = lazy(() => import('./answer-markdown'));

/** Beyond this a single line or a whole answer takes the browser too long to lay out or to parse. */
const MAX_RENDERED_LENGTH = 60_000;
const MAX_SHOWN_LENGTH = 200_000;

interface AnswerTextProps {
  readonly view: LaneView | null;
  readonly text: string | null;
  readonly lane: string;
  readonly asMarkdown: boolean;
}

export function AnswerText({ view, text, lane, asMarkdown }: AnswerTextProps) {
  const written =
    view?.end?.text ?? view?.draft ?? view?.tokens.map((token) => token.text).join('') ?? text ?? '';
  // A stream need not be rendered at every frame.
  const shown = useDeferredValue(written);
  return (
    <section className="answer-text" data-testid="answer-text" aria-label={`Answer of ${lane} as text`}>
      {!asMarkdown || shown.length > MAX_RENDERED_LENGTH ? (
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
  const start = cut(text, MAX_SHOWN_LENGTH);
  return (
    <p className="answer-text__plain" dir="auto">
      {readableText(start)}
      {start !== text && `… (${grouped(text.length)} characters; Copy takes them all)`}
    </p>
  );
}

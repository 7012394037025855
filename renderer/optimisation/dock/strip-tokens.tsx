/** The tokens of the strip in lines, drawn only where they are in sight, under an overview of the whole prompt. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type RefObject, useMemo, useRef } from 'react';
import { visibleToken } from '../../../engine/protocol';
import { useWidth } from '../../charts/use-width';
import { lineStarts, type PromptLosses } from '../../run/prompt-losses';
import { number, signed } from '../../ui/text/format';
import { StripOverview } from './strip-overview';
import { tokenWidths } from './token-widths';

const LINE = 38;
const MAX_TOKEN_TEXT = 16;

interface StripTokensProps {
  readonly tokens: readonly string[];
  readonly losses: PromptLosses | null;
  /** The token whose figures are told. */
  readonly told: number | null;
  readonly onTell: (position: number | null) => void;
}

export const StripTokens = memo(function StripTokens({ tokens, losses, told, onTell }: StripTokensProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { texts, widths, starts, lines } = useLines(tokens, scroller);
  const scale = useMemo(() => scaleOf(losses), [losses]);

  /** Tells a token, which may be in a line out of sight. */
  const goTo = (position: number, align: 'auto' | 'center') => {
    lines.scrollToIndex(lineOf(starts, position), { align });
    onTell(position);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onTell(null);
    const target = targetOf(event.key, told, starts);
    if (target === undefined) return;
    event.preventDefault();
    goTo(Math.max(0, Math.min(tokens.length - 1, target)), 'auto');
  };

  return (
    <div className="strip">
      {losses && starts.length > 2 && (
        <StripOverview
          losses={losses}
          count={tokens.length}
          onChoose={(position) => goTo(position, 'center')}
        />
      )}
      <div ref={scroller} className="strip__scroller" onPointerLeave={() => onTell(null)}>
        <ol
          className="strip__tokens"
          style={{ height: lines.getTotalSize() }}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
          tabIndex={0}
          aria-label="Prompt tokens with their loss before SLOT and at the chosen step; arrow keys move between them"
          onKeyDown={onKeyDown}
        >
          {lines.getVirtualItems().map(({ index, start }) => (
            <StripLine
              key={index}
              {...{ texts, widths, losses, told, onTell, scale }}
              from={starts[index] ?? 0}
              to={starts[index + 1] ?? tokens.length}
              top={start}
            />
          ))}
        </ol>
      </div>
    </div>
  );
});

/** The tokens in lines as long as there is room; `lines` are those in sight. */
function useLines(tokens: readonly string[], scroller: RefObject<HTMLDivElement | null>) {
  const room = useWidth(scroller);
  const texts = useMemo(() => tokens.map((token) => visibleToken(token, MAX_TOKEN_TEXT)), [tokens]);
  const widths = useMemo(() => tokenWidths(texts), [texts]);
  const starts = useMemo(() => (room > 0 ? lineStarts(widths, room) : []), [widths, room]);
  const lines = useVirtualizer({
    count: starts.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 2,
  });
  return { texts, widths, starts, lines };
}

function lineOf(starts: readonly number[], position: number): number {
  return starts.findLastIndex((start) => start <= position);
}

/** Where a key leads from the told token; may lie beyond the ends. */
function targetOf(key: string, told: number | null, starts: readonly number[]): number | undefined {
  const at = told ?? 0;
  const line = lineOf(starts, at);
  return {
    ArrowRight: told === null ? 0 : at + 1,
    ArrowLeft: at - 1,
    ArrowDown: starts[line + 1] ?? at,
    ArrowUp: starts[line - 1] ?? at,
    Home: 0,
    End: Number.POSITIVE_INFINITY,
  }[key];
}

interface StripLineProps extends Omit<StripTokensProps, 'tokens'> {
  readonly texts: readonly string[];
  readonly widths: readonly number[];
  readonly scale: Scale;
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** The tokens of one line, side by side. */
function StripLine({ texts, widths, losses, told, onTell, scale, from, to, top }: StripLineProps) {
  let left = 0;
  return Array.from({ length: to - from }, (_, offset) => {
    const position = from + offset;
    const width = widths[position] ?? 0;
    const style = { left, top, width: width - 1 };
    left += width;
    return (
      <StripToken
        key={position}
        text={texts[position] ?? ''}
        place={`${position + 1} of ${texts.length}`}
        was={losses?.before[position - 1]}
        is={losses?.after[position - 1]}
        scale={scale}
        isTold={position === told}
        style={style}
        onEnter={() => onTell(position)}
      />
    );
  });
}

interface Scale {
  readonly loss: number;
  readonly change: number;
}

function scaleOf(losses: PromptLosses | null): Scale {
  if (!losses) return { loss: 1, change: 1 };
  const { before, after } = losses;
  return {
    loss: before.reduce((most, loss, at) => Math.max(most, loss, after[at] ?? 0), 1e-6),
    change: before.reduce((most, loss, at) => Math.max(most, Math.abs(loss - (after[at] ?? loss))), 1e-6),
  };
}

interface StripTokenProps {
  readonly text: string;
  readonly place: string;
  readonly was: number | undefined;
  readonly is: number | undefined;
  readonly scale: Scale;
  readonly isTold: boolean;
  readonly style: { readonly left: number; readonly top: number; readonly width: number };
  readonly onEnter: () => void;
}

/** By the square root, so that one hard token does not flatten all others. */
function barHeight(loss: number, largest: number): string {
  return `${Math.min(1, Math.sqrt(Math.max(0, loss) / largest)) * 100}%`;
}

function StripToken({ text, place, was, is, scale, isTold, style, onEnter }: StripTokenProps) {
  const isKnown = was !== undefined && is !== undefined;
  const change = isKnown ? is - was : 0;
  const depth = Math.sqrt(Math.min(1, Math.abs(change) / scale.change));
  return (
    <li
      className={isTold ? 'strip__token strip__token--told' : 'strip__token'}
      style={style}
      title={isKnown ? `${text}: loss ${number(was)} → ${number(is)} (${signed(change)})` : text}
      onPointerEnter={onEnter}
    >
      <span className="strip__bars" aria-hidden="true">
        {isKnown && <i style={{ height: barHeight(was, scale.loss) }} />}
        {isKnown && <i className="strip__after" style={{ height: barHeight(is, scale.loss) }} />}
      </span>
      <span className="strip__text mono">
        <i
          className={change > 0 ? 'strip__tint strip__tint--worse' : 'strip__tint'}
          style={{ opacity: isKnown ? depth * 0.6 : 0 }}
        />
        <span>{text}</span>
      </span>
      <span className="visually-hidden">
        {place}
        {isKnown && `, loss ${number(was)}, then ${number(is)}`}
      </span>
    </li>
  );
}

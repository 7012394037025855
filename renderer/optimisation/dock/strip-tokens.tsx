/** The tokens of the strip in lines, drawn only where they are in sight, under an overview of the whole prompt. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type RefObject, useMemo, useRef } from 'react';
import { type SlotScope, visibleToken } from '../../../engine/protocol';
import { useWidth } from '../../charts/use-width';
import { lineStarts, type PromptLosses } from '../../run/prompt-losses';
import { type Parts, partWords } from '../../run/prompt-parts';
import { type Brush, isBrushed, tokenScope } from '../../run/prompt-scope';
import { StripOverview } from './strip-overview';
import { type Scale, StripToken } from './strip-token';
import { tokenWidths } from './token-widths';
import { useBrush } from './use-brush';

const LINE = 38;
const MAX_TOKEN_TEXT = 16;

interface StripTokensProps {
  readonly tokens: readonly string[];
  readonly losses: PromptLosses | null;
  /** What is learned from; null where that is the whole prompt. */
  readonly scope: SlotScope | null;
  /** What is shown in colour in place of the change of loss. */
  readonly parts: Parts | null;
  /** The token whose figures are told. */
  readonly told: number | null;
  readonly onTell: (position: number | null) => void;
  /** Tokens were chosen to learn from, beside those chosen before or in their place. */
  readonly onChoose: (brush: Brush, isAdded: boolean) => void;
}

export const StripTokens = memo(function StripTokens(props: StripTokensProps) {
  const { tokens, losses, scope, parts, told, onTell, onChoose } = props;
  const brushing = useBrush(onChoose);
  const scroller = useRef<HTMLDivElement>(null);
  const { texts, widths, starts, lines } = useLines(tokens, scroller);
  const scale = useMemo(() => scaleOf(losses, scope, parts), [losses, scope, parts]);

  /** Tells a token, which may be in a line out of sight. */
  const goTo = (position: number, align: 'auto' | 'center') => {
    lines.scrollToIndex(lineOf(starts, position), { align });
    onTell(position);
  };

  const onKeyDown = stripKeys({ tokens: tokens.length, starts, told, onTell, onChoose, brushing }, goTo);

  return (
    <div className="strip">
      {losses && starts.length > 2 && (
        <StripOverview
          losses={losses}
          count={tokens.length}
          onChoose={(position) => goTo(position, 'center')}
        />
      )}
      <div
        ref={scroller}
        className="strip__scroller"
        // The keyboard's token stays where it is.
        onPointerLeave={({ currentTarget }) => !currentTarget.querySelector(':focus-visible') && onTell(null)}
      >
        <ol
          className="strip__tokens"
          style={{ height: lines.getTotalSize() }}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
          tabIndex={0}
          aria-label="Prompt tokens with their loss before SLOT and at the chosen step; arrow keys move between them, with Shift they choose tokens to learn from, which Enter sets"
          onKeyDown={onKeyDown}
        >
          {lines.getVirtualItems().map(({ index, start }) => (
            <StripLine
              key={index}
              {...{ texts, widths, losses, scope, parts, told, onTell, scale, brushing }}
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

interface StripKeys extends Pick<StripTokensProps, 'told' | 'onTell' | 'onChoose'> {
  readonly tokens: number;
  readonly starts: readonly number[];
  readonly brushing: ReturnType<typeof useBrush>;
}

/** Arrows move between tokens, with Shift they choose; Enter learns from them, Escape lets them go. */
function stripKeys(
  { tokens, starts, told, onTell, onChoose, brushing }: StripKeys,
  goTo: (position: number, align: 'auto') => void,
) {
  return (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      onTell(null);
      brushing.clear();
    }
    if (event.key === 'Enter' && told !== null) {
      event.preventDefault();
      onChoose(brushing.brush ?? { from: told, to: told }, event.ctrlKey || event.metaKey);
      brushing.clear();
      return;
    }
    const target = targetOf(event.key, told, starts);
    if (target === undefined) return;
    event.preventDefault();
    const position = Math.max(0, Math.min(tokens - 1, target));
    if (event.shiftKey) brushing.extend(told ?? 0, position);
    else brushing.clear();
    goTo(position, 'auto');
  };
}

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

interface StripLineProps extends Omit<StripTokensProps, 'tokens' | 'onChoose'> {
  readonly brushing: ReturnType<typeof useBrush>;
  readonly texts: readonly string[];
  readonly widths: readonly number[];
  readonly scale: Scale;
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** The tokens of one line, side by side. */
function StripLine(props: StripLineProps) {
  const { texts, widths, losses, scope, parts, told, onTell, scale, brushing, from, to, top } = props;
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
        part={parts && (parts.values[position - 1] ?? 0)}
        partWords={partWords(parts, position)}
        scope={tokenScope(scope, position)}
        isTold={position === told}
        isBrushed={isBrushed(brushing.brush, position)}
        style={style}
        onEnter={() => {
          onTell(position);
          brushing.enter(position);
        }}
        onDown={() => brushing.start(position)}
      />
    );
  });
}

function scaleOf(losses: PromptLosses | null, scope: SlotScope | null, parts: Parts | null): Scale {
  const part = (parts?.values ?? []).reduce<number>(
    (most, each) => Math.max(most, Math.abs(each ?? 0)),
    1e-6,
  );
  const shares = [...(scope?.weights ?? []), ...(scope?.heldOut ?? [])];
  const weight = shares.reduce((most, share) => Math.max(most, share), 1e-6);
  if (!losses) return { loss: 1, change: 1, weight, part };
  const { before, after } = losses;
  return {
    loss: before.reduce((most, loss, at) => Math.max(most, loss, after[at] ?? 0), 1e-6),
    change: before.reduce((most, loss, at) => Math.max(most, Math.abs(loss - (after[at] ?? loss))), 1e-6),
    weight,
    part,
  };
}

/** An answer as a row of tokens, each of which can be looked into and kept, with the pointer or the keyboard. */
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useRef,
} from 'react';
import type { LaneView } from '../../run/run-view';
import { type ColourScale, scaleOf } from '../../run/token-colour';
import type { LaneDraft } from '../../state/lanes';
import { useAppState, useStudio } from '../../state/studio-context';
import { TokenChunk } from './token-chunk';
import { useBlocks } from './use-blocks';

interface LaneTextProps {
  readonly turn: string;
  readonly lane: LaneDraft;
  readonly runId: string;
  readonly view: LaneView;
  /** Where this lane parts from others. */
  readonly marks: readonly number[];
  readonly inspected: number | null;
  readonly pinned: number | null;
}

const CHUNK = 64;

export function LaneText(props: LaneTextProps) {
  const { lane, runId, view, marks, inspected, pinned } = props;
  const colouring = useAppState((state) => state.colouring);
  const box = useRef<HTMLDivElement>(null);
  const { tokens } = view;
  const blocks = useBlocks(box, runId, tokens);
  const scale = scaleOf(colouring);

  const handlers = useTokenHandlers(props, box);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a textarea holds no spans; this is its read-only kin
    <div
      ref={box}
      className="lane-text"
      dir="auto"
      data-testid="lane-text"
      role="textbox"
      aria-readonly="true"
      aria-multiline="true"
      aria-label={`Answer of ${lane.name}; left and right arrows look into its tokens, Enter keeps one`}
      tabIndex={0}
      onCopy={copyText}
      {...handlers}
    >
      {blocks.map(({ start, isWrapped }, block) => (
        <Block
          key={start}
          view={view}
          start={start}
          end={blocks[block + 1]?.start ?? tokens.length}
          isWrapped={isWrapped}
          scale={scale}
          marks={marks}
          inspected={inspected}
          pinned={pinned}
        />
      ))}
      {view.end && marks.includes(tokens.length) && <span className="token__flag">≠ ends here</span>}
      {view.state === 'writing' && <span className="lane-text__caret" aria-hidden="true" />}
    </div>
  );
}

type BlockProps = Pick<LaneTextProps, 'view' | 'marks' | 'inspected' | 'pinned'> & {
  readonly start: number;
  readonly end: number;
  readonly isWrapped: boolean;
  readonly scale: ColourScale | null;
};

function Block({ view, start, end, isWrapped, scale, marks, inspected, pinned }: BlockProps) {
  return (
    <div className="lane-text__block">
      {chunksOf(start, end).map((from) => {
        const to = Math.min(end, from + CHUNK);
        return (
          <TokenChunk
            key={from}
            view={view}
            from={from}
            to={to}
            isWrapped={isWrapped && from === start}
            scale={scale}
            marks={marks.filter((index) => index >= from && index < to)}
            inspected={within(inspected, from, to)}
            pinned={within(pinned, from, to)}
          />
        );
      })}
    </div>
  );
}

/** The pointer and the keyboard look into a token; a click or Enter keeps it. */
function useTokenHandlers(
  { turn, lane, runId, view: { tokens }, inspected, pinned }: LaneTextProps,
  box: RefObject<HTMLDivElement | null>,
) {
  const { store, chat } = useStudio();
  const inspect = (index: number | null) =>
    store.setState({ inspected: index === null ? null : { turn, lane: lane.id, runId, index } });
  const pin = (index: number) => {
    chat.showRun(runId);
    store.setState({ pinned: { turn, lane: lane.id, runId, index }, inspected: null, chartsTab: 'token' });
  };
  const onPointerOver = (event: PointerEvent) => {
    const index = indexOf(event);
    // A finger that scrolls must not leave cards behind.
    if (event.pointerType !== 'touch' && index !== inspected) inspect(index);
  };
  const onClick = (event: MouseEvent) => {
    const index = indexOf(event);
    // Text that is being selected is not pinned.
    if (index !== null && window.getSelection()?.isCollapsed !== false) pin(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' && inspected !== null) {
      event.preventDefault();
      inspect(null);
      return;
    }
    if (event.key === 'Enter' && inspected !== null) {
      event.preventDefault();
      pin(inspected);
      return;
    }
    const index = nextIndex(event.key, inspected ?? pinned, tokens.length);
    if (index === null) return;
    event.preventDefault();
    box.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'nearest' });
    inspect(index);
  };

  const leave = () => inspected !== null && inspect(null);
  return { onPointerOver, onPointerLeave: leave, onBlur: leave, onClick, onKeyDown };
}

/** The text itself: blocks end where no line of it does. */
function copyText(event: ClipboardEvent): void {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed) return;
  const copied = selection.getRangeAt(0).cloneContents();
  for (const sign of copied.querySelectorAll('.token__flag, .token__unseen')) sign.remove();
  event.preventDefault();
  event.clipboardData.setData('text/plain', copied.textContent ?? '');
}

function chunksOf(start: number, end: number): number[] {
  return Array.from({ length: Math.ceil((end - start) / CHUNK) }, (_, chunk) => start + chunk * CHUNK);
}

/** The index where it lies in this chunk, so that the other chunks need not be drawn again. */
function within(index: number | null, from: number, to: number): number | null {
  return index !== null && index >= from && index < to ? index : null;
}

function indexOf(event: { readonly target: EventTarget }): number | null {
  const token = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
  return token ? Number(token.dataset.index) : null;
}

function nextIndex(key: string, from: number | null, length: number): number | null {
  if (length === 0) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return length - 1;
  const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return null;
  const start = step > 0 ? -1 : length;
  return Math.min(length - 1, Math.max(0, (from ?? start) + step));
}

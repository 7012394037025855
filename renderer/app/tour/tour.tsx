/** Five marks on the window, one after another: what is where. Everything stays usable while it is on. */
import { Popover } from 'radix-ui';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useAppState, useStudio } from '../../state/studio-context';
import { MARKS, type Mark } from '../../state/window-state';
import { HELP_ID } from '../top-bar/help-menu';
import { MARK_TEXTS, markedElement } from './marks';
import '../../ui/parts/popover.css';
import './tour.css';

export function Tour() {
  const mark = useAppState((state) => state.tour);
  return mark === null ? null : <MarkCard key={mark} mark={mark} />;
}

function MarkCard({ mark }: { mark: Mark }) {
  const { store } = useStudio();
  useMarked(mark);
  const at = MARKS.indexOf(mark);
  const end = () => store.setState({ tour: null });
  const go = (by: -1 | 1) => {
    const next = MARKS[at + by];
    if (next) store.setState({ tour: next });
    else if (by > 0) end();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    event.preventDefault();
    go(event.key === 'ArrowRight' ? 1 : -1);
  };
  const anchor = useRef({ getBoundingClientRect: () => topOf(mark) });
  return (
    <Popover.Root open onOpenChange={(open) => !open && end()}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Portal>
        <Popover.Content
          className="popover tour"
          data-testid="tour"
          aria-label={`Mark ${at + 1} of ${MARKS.length}: ${MARK_TEXTS[mark].title}`}
          side={sideOf(mark)}
          align="start"
          sideOffset={8}
          collisionPadding={8}
          onKeyDown={onKeyDown}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // Where it can be asked for again.
            if (store.getState().tour === null) document.getElementById(HELP_ID)?.focus();
          }}
          // What it tells of can be tried while it stands.
          onInteractOutside={(event) => event.preventDefault()}
        >
          <CardBody mark={mark} go={go} end={end} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface CardBodyProps {
  readonly mark: Mark;
  readonly go: (by: -1 | 1) => void;
  readonly end: () => void;
}

function CardBody({ mark, go, end }: CardBodyProps) {
  const at = MARKS.indexOf(mark);
  const { title, text } = MARK_TEXTS[mark];
  return (
    <>
      <h2 className="tour__title">
        {title}{' '}
        <span className="muted">
          {at + 1} of {MARKS.length}
        </span>
      </h2>
      <p>{text}</p>
      <div className="tour__buttons">
        <button type="button" className="button" disabled={at === 0} onClick={() => go(-1)}>
          Back
        </button>
        <button
          type="button"
          className="button button--primary"
          data-testid="tour-next"
          // biome-ignore lint/a11y/noAutofocus: the card is a dialog, and this is what most do next
          autoFocus
          onClick={() => go(1)}
        >
          {at === MARKS.length - 1 ? 'Done' : 'Next'}
        </button>
        <button type="button" className="button button--quiet" data-testid="tour-end" onClick={end}>
          End the tour
        </button>
      </div>
    </>
  );
}

const TOP = 44;
/** What a card takes beside a pane. */
const CARD_WIDTH = 392;

/** Of a pane the side that has room for a card, so that it covers nothing of what it tells of; else under its top. */
function sideOf(mark: Mark): 'bottom' | 'left' | 'right' {
  const rect = markedElement(mark)?.getBoundingClientRect();
  if (!rect || rect.height <= 2 * TOP) return 'bottom';
  if (window.innerWidth - rect.right >= CARD_WIDTH) return 'right';
  return rect.left >= CARD_WIDTH ? 'left' : 'bottom';
}

function topOf(mark: Mark): DOMRect {
  const rect = markedElement(mark)?.getBoundingClientRect();
  if (!rect) return new DOMRect(0, TOP, 0, 0);
  return new DOMRect(rect.x, rect.y, rect.width, Math.min(rect.height, TOP));
}

/** Outlined, and in sight, as long as its card stands. */
function useMarked(mark: Mark): void {
  useEffect(() => {
    const element = markedElement(mark);
    if (!element) return;
    element.scrollIntoView({ block: 'nearest' });
    element.dataset.marked = '';
    return () => {
      delete element.dataset.marked;
    };
  }, [mark]);
}

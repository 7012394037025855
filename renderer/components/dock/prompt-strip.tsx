/** The prompt's tokens, each with its loss before and after SLOT: which parts were learned. */
import { memo } from 'react';
import { ChartExport } from '../../export/chart-export';
import { adaptingLanes, type LaneView } from '../../run/run-view';
import type { AppState } from '../../state/app-state';
import { count, number, signed } from '../../text/format';
import { visibleToken } from '../../text/visible';
import { useAppState } from '../studio-context';

export function PromptStrip() {
  const tokens = useAppState((state) => shownLane(state)?.prompt?.tokens ?? state.run.prompt?.tokens ?? null);
  const losses = useAppState((state) => shownLane(state)?.slot?.positionLoss ?? null);
  if (!tokens) return null;
  return (
    <div className="prompt-strip" data-testid="prompt-strip">
      <p className="prompt-strip__title">
        Prompt <span className="muted">{count(tokens.length, 'token')}</span>
        {losses && (
          <span className="prompt-strip__legend">
            loss, square-root scale <i className="prompt-strip__key prompt-strip__key--before" /> before
            <i className="prompt-strip__key prompt-strip__key--after" /> after
          </span>
        )}
        <ChartExport
          title="Prompt loss by token"
          chart=".prompt-strip"
          data={() => ({
            columns: ['position', 'token', 'loss before', 'loss after'],
            rows: tokens.map((token, at) => [
              at,
              token,
              losses?.before[at - 1] ?? null,
              losses?.after[at - 1] ?? null,
            ]),
          })}
        />
      </p>
      <StripTokens tokens={tokens} before={losses?.before ?? NONE} after={losses?.after ?? NONE} />
    </div>
  );
}

function shownLane(state: AppState): LaneView | undefined {
  const lanes = adaptingLanes(state.run);
  return lanes.find((lane) => lane.name === state.shiftLane) ?? lanes[0];
}

const NONE: readonly number[] = [];

interface StripTokensProps {
  readonly tokens: readonly string[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** By the square root, so that one hard token does not flatten all others. */
function barHeight(loss: number, largest: number): string {
  return `${Math.min(1, Math.sqrt(Math.max(0, loss) / largest)) * 100}%`;
}

const StripTokens = memo(function StripTokens({ tokens, before, after }: StripTokensProps) {
  const largest = before.reduce((most, loss) => Math.max(most, loss), 1e-6);
  return (
    <ol
      className="prompt-strip__tokens"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is in reach of the keyboard
      tabIndex={0}
      aria-label="Prompt tokens with their loss before and after SLOT"
    >
      {tokens.map((token, position) => {
        // Token i + 1 is predicted at position i; the first token is never predicted.
        const was = before[position - 1];
        const is = after[position - 1];
        const figures =
          was === undefined || is === undefined
            ? ''
            : `loss ${number(was)} → ${number(is)} (${signed(is - was)})`;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a prompt's tokens repeat and never move
            key={position}
            title={figures === '' ? visibleToken(token) : `${visibleToken(token)}: ${figures}`}
          >
            <span className="prompt-strip__bars" aria-hidden="true">
              {was !== undefined && <i style={{ height: barHeight(was, largest) }} />}
              {is !== undefined && (
                <i className="prompt-strip__after" style={{ height: barHeight(is, largest) }} />
              )}
            </span>
            <span className="mono">{visibleToken(token, 16)}</span>
            <span className="visually-hidden">{figures}</span>
          </li>
        );
      })}
    </ol>
  );
});

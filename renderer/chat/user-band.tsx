/** What the user said in a turn, across all columns: to read, to change and to have answered again. */

import { DropdownMenu } from 'radix-ui';
import { cut, readableText } from '../../engine/protocol';
import type { Action } from '../keys/keymap';
import { useKeyWords } from '../keys/use-keys';
import { runsOf, type Turn } from '../run/conversation';
import { isRunning } from '../run/run-view';
import { runOf } from '../state/shown-run';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownChat } from '../state/use-shown-chat';
import { useShownRun } from '../state/use-shown-run';
import { TurnEditor } from './turn-editor';
import '../ui/parts/popover.css';
import { grouped } from '../ui/text/format';

interface UserBandProps {
  readonly turn: Turn;
  readonly index: number;
  readonly isLast: boolean;
}

export function UserBand({ turn, index, isLast }: UserBandProps) {
  const { store } = useStudio();
  const { conversation, isStored } = useShownChat();
  const running = useShownRun(isRunning);
  const editing = useAppState((state) => state.turnEdit?.turn === turn.id);
  const said = conversation.kind === 'raw' ? 'Raw text' : 'You';
  return (
    <section
      className="user-band"
      data-testid={`user-turn-${index + 1}`}
      aria-label={`Turn ${index + 1}: ${said}`}
    >
      {editing && !isStored ? (
        <TurnEditor index={index} isLast={isLast} />
      ) : (
        <>
          <h3 className="user-band__who">
            {said} {conversation.turns.length > 1 && <span className="muted">{index + 1}</span>}
          </h3>
          <p className="user-band__text" dir="auto">
            {readableText(shortened(turn.user))}
          </p>
          <div className="user-band__buttons">
            {conversation.turns.length > 1 && <ShowInCharts turn={turn} />}
            {!isStored && (
              <button
                type="button"
                className="button button--quiet"
                disabled={running}
                title={running ? 'Wait for the end of the run' : 'Change this and ask again'}
                onClick={() => store.setState({ turnEdit: { turn: turn.id, text: turn.user } })}
              >
                Edit
              </button>
            )}
            {!isStored && isLast && <AnswerAgain turn={index} disabled={running} />}
          </div>
        </>
      )}
    </section>
  );
}

const MAX_SHOWN = 20_000;

/** A text of a megabyte would hold up every frame; its beginning tells which one it is. */
function shortened(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  return `${cut(text, MAX_SHOWN)}… (${grouped(text.length)} characters)`;
}

/** The right pane shows one run at a time. */
function ShowInCharts({ turn }: { turn: Turn }) {
  const { chat } = useStudio();
  const shown = useShownRun((run) => run.runId);
  const running = useShownRun(isRunning);
  const runs = runsOf({ kind: 'chat', turns: [turn] });
  const other = useAppState(({ runViews }) => runs.find((runId) => runOf(runViews, runId)));
  if (shown !== null && runs.includes(shown)) return <span className="user-band__shown">in the charts</span>;
  if (other === undefined) return null;
  return (
    <button
      type="button"
      className="button button--quiet"
      disabled={running}
      title="Show this turn's optimisation and vocabulary on the right"
      onClick={() => chat.showRun(other)}
    >
      Show in charts
    </button>
  );
}

function AnswerAgain({ turn, disabled }: { turn: number; disabled: boolean }) {
  const { chat } = useStudio();
  const keys = useKeyWords();
  const keyed = (meaning: string, action: Action) => {
    const key = keys.of(action);
    return key === null ? meaning : `${meaning} Key: ${key}`;
  };
  const greedy = useAppState((state) => Number(state.generation.temperature) === 0);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button--quiet" disabled={disabled} data-testid="regenerate">
        Regenerate <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item className="menu__item" onSelect={() => void chat.answer(turn, null, 'same')}>
            <strong>With the same seed</strong>
            <span>{keyed('Every lane, with the settings as they are now.', 'sameSeed')}</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu__item" onSelect={() => void chat.answer(turn, null, 'new')}>
            <strong>With a new seed</strong>
            <span>
              {greedy
                ? 'Changes nothing at temperature 0.'
                : keyed('Other luck, the same in every lane.', 'newSeed')}
            </span>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

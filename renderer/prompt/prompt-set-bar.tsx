/** Where the list of prompts is that is stepped through, and the ways on. */
import { oneLine } from '../../engine/protocol';
import type { Action } from '../keys/keymap';
import { useKeyWords } from '../keys/use-keys';
import { isRunning } from '../run/run-view';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';

export function PromptSetBar() {
  const { prompts } = useStudio();
  const set = useAppState((state) => state.promptSet);
  const running = useShownRun(isRunning);
  if (!set) return null;
  const { at } = set;
  const of = set.prompts.length;
  return (
    <section className="prompt-set" aria-label={`Prompts: ${oneLine(set.name, 40)}`} data-testid="prompt-set">
      <div className="prompt-set__row">
        <Step name="Prompt before" sign="‹" action="previousPrompt" to={at - 1} />
        <select
          aria-label="Prompt of the list"
          title={set.name}
          data-testid="prompt-set-at"
          value={at}
          disabled={running}
          onChange={({ target }) => void prompts.goTo(Number(target.value))}
        >
          {set.prompts.map(({ prompt }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a prompt of a list is its place, and may be there twice
            <option key={index} value={index}>
              {`${index + 1} of ${of}: ${oneLine(prompt.slice(0, 200), 50)}`}
            </option>
          ))}
        </select>
        <Step name="Next prompt" sign="›" action="nextPrompt" to={at + 1} />
        <button
          type="button"
          className="button button--quiet"
          aria-label="Put the list away"
          title="Put the list away"
          onClick={() => prompts.end()}
        >
          ✕
        </button>
      </div>
      <label className="prompt-set__runs">
        <input
          type="checkbox"
          checked={set.runsEach}
          onChange={({ target }) => prompts.setRunsEach(target.checked)}
        />{' '}
        Run each; those that were run are shown again
      </label>
    </section>
  );
}

interface StepProps {
  readonly name: string;
  readonly sign: string;
  readonly action: Action;
  readonly to: number;
}

function Step({ name, sign, action, to }: StepProps) {
  const { prompts } = useStudio();
  const keys = useKeyWords();
  const isThere = useAppState(({ promptSet }) => promptSet?.prompts[to] !== undefined);
  const running = useShownRun(isRunning);
  return (
    <button
      type="button"
      className="button"
      data-testid={action}
      aria-label={name}
      title={running ? 'Wait for the end of the run, or cancel it' : keys.titled(name, action)}
      aria-keyshortcuts={keys.aria(action)}
      disabled={running || !isThere}
      onClick={() => void prompts.goTo(to)}
    >
      {sign}
    </button>
  );
}

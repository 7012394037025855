/** Above the columns: what the tokens' colour stands for, tokens, text or Markdown, and a new conversation. */

import { useKeyWords } from '../keys/use-keys';
import { isRunning } from '../run/run-view';
import { Quantity, scaleOf } from '../run/token-colour';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownChat } from '../state/use-shown-chat';
import { useShownRun } from '../state/use-shown-run';
import { Segmented } from '../ui/parts/segmented';
import { ColourLegend } from './colour-legend';

const VIEWS = [
  { value: 'tokens', text: 'Tokens', title: 'Every token as it was written, to look into' },
  { value: 'text', text: 'Text', title: 'The characters as the model wrote them' },
  { value: 'markdown', text: 'Markdown', title: 'Markdown and maths, rendered' },
] as const;

export function AnswersBar() {
  const { store, chat } = useStudio();
  const keys = useKeyWords();
  const view = useAppState((state) => state.answerView);
  const running = useShownRun(isRunning);
  const { isStored } = useShownChat();
  return (
    <div className="answers-bar">
      <Segmented
        label="Answers as"
        value={view}
        choices={VIEWS.map((each) => ({ ...each, title: keys.titled(each.title, 'answerView') }))}
        onChange={(answerView) => store.setState({ answerView })}
      />
      {view === 'tokens' && <Colouring />}
      {!isStored && (
        <button
          type="button"
          className="button button--quiet answers-bar__new"
          data-testid="new-conversation"
          disabled={running}
          aria-label="New conversation"
          title="New conversation: clears the turns and branches; Undo brings them back"
          onClick={() => chat.newConversation()}
        >
          + New
        </button>
      )}
    </div>
  );
}

function Colouring() {
  const { store } = useStudio();
  const colouring = useAppState((state) => state.colouring);
  const scale = scaleOf(colouring);
  return (
    <>
      <select
        aria-label="Colour tokens by"
        data-testid="colouring"
        title={scale?.meaning ?? 'Tokens without colour'}
        value={colouring}
        onChange={({ target }) => store.setState({ colouring: Quantity.parse(target.value) })}
      >
        {Quantity.options.map((quantity) => (
          <option key={quantity} value={quantity}>
            {scaleOf(quantity)?.name ?? 'No colour'}
          </option>
        ))}
      </select>
      {scale && <ColourLegend scale={scale} />}
    </>
  );
}

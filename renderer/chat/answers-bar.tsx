/** Above the columns: what the tokens' colour stands for, tokens, text or Markdown, and a new conversation. */

import { useKeyWords } from '../keys/use-keys';
import { isRunning } from '../run/run-view';
import { Quantity, scaleOf } from '../run/token-colour';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownChat } from '../state/use-shown-chat';
import { useShownRun } from '../state/use-shown-run';
import { Segmented } from '../ui/parts/segmented';
import { ColourLegend } from './colour-legend';

export function AnswersBar() {
  const { store, chat } = useStudio();
  const keys = useKeyWords();
  const colouring = useAppState((state) => state.colouring);
  const view = useAppState((state) => state.answerView);
  const running = useShownRun(isRunning);
  const { isStored } = useShownChat();
  const scale = scaleOf(colouring);
  return (
    <div className="answers-bar">
      <Segmented
        label="Answers as"
        value={view}
        choices={[
          {
            value: 'tokens',
            text: 'Tokens',
            title: keys.titled('Every token as it was written, to look into', 'answerView'),
          },
          {
            value: 'text',
            text: 'Text',
            title: keys.titled('The characters as the model wrote them', 'answerView'),
          },
          {
            value: 'markdown',
            text: 'Markdown',
            title: keys.titled('Markdown and maths, rendered', 'answerView'),
          },
        ]}
        onChange={(answerView) => store.setState({ answerView })}
      />
      {view === 'tokens' && (
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
      )}
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

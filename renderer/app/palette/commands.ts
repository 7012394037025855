/** Everything the palette can do, as words and functions over the studio. */

import { showNextSplit } from '../../chat/show-token';
import { type Action, isCharacter, keyText } from '../../keys/keymap';
import { EXAMPLES } from '../../prompt/examples';
import { isRunning, stepsShown } from '../../run/run-view';
import { nextAnswerView, Theme } from '../../state/app-state';
import { checkDraft } from '../../state/draft';
import { runObstacle } from '../../state/run-reasons';
import { shownChat } from '../../state/shown-chat';
import type { Studio } from '../../state/studio-context';
import { ChartsTab, VocabularyView } from '../../state/vocabulary-state';

export interface StudioCommand {
  readonly group: string;
  readonly title: string;
  /** The key that does the same, as it is written on the key. */
  readonly keys?: string;
  readonly run: () => void;
}

/** What can be done now; commands that would do nothing are left out. */
export function studioCommands({ store, session, chat, library, models, shell }: Studio): StudioCommand[] {
  const state = store.getState();
  const keys = (action: Action) =>
    state.letterKeys || !isCharacter(action) ? { keys: keyText(action, shell.isMac) } : {};
  const running = isRunning(state.run);
  const last = stepsShown(state.run);
  const { conversation, isStored } = shownChat(state);
  const hasTurns = conversation.turns.length > 0;
  const step = (to: number) => () => store.setState({ selectedStep: to >= last ? null : Math.max(0, to) });
  const at = state.selectedStep ?? last;
  const when = (condition: boolean, commands: StudioCommand[]) => (condition ? commands : []);

  return [
    ...when(!running && runObstacle(checkDraft(state), state.engine) === null, [
      { group: 'Run', title: 'Run the prompt', ...keys('run'), run: () => void session.run() },
    ]),
    ...when(running, [
      { group: 'Run', title: 'Cancel', ...keys('cancel'), run: () => void session.cancel() },
    ]),
    ...when(hasTurns && !running && !isStored, [
      {
        group: 'Run',
        title: 'Answer again, same seed',
        ...keys('sameSeed'),
        run: () => void chat.answer(conversation.turns.length - 1, null, 'same'),
      },
      {
        group: 'Run',
        title: 'Answer again, new seed',
        ...keys('newSeed'),
        run: () => void chat.answer(conversation.turns.length - 1, null, 'new'),
      },
      { group: 'Run', title: 'New conversation', run: () => chat.newConversation() },
    ]),
    { group: 'Run', title: 'Restart the engine', run: () => void session.restartEngine() },
    ...when(last > 0, [
      { group: 'Step', title: 'Next step', ...keys('stepForth'), run: step(at + 1) },
      { group: 'Step', title: 'Previous step', ...keys('stepBack'), run: step(at - 1) },
      { group: 'Step', title: 'First step', run: step(0) },
      { group: 'Step', title: 'Last step', run: step(last) },
    ]),
    ...when(hasTurns, [
      {
        group: 'Answers',
        title: 'Next divergence',
        ...keys('nextSplit'),
        run: () => showNextSplit(store, 1),
      },
      {
        group: 'Answers',
        title: 'Previous divergence',
        ...keys('previousSplit'),
        run: () => showNextSplit(store, -1),
      },
      {
        group: 'Answers',
        title: `Show answers as ${nextAnswerView(state.answerView)}`,
        ...keys('answerView'),
        run: () => store.setState({ answerView: nextAnswerView(state.answerView), inspected: null }),
      },
    ]),
    ...ChartsTab.options.map((chartsTab) => ({
      group: 'Show',
      title: `Show ${chartsTab}`,
      run: () => store.setState({ chartsTab }),
    })),
    ...VocabularyView.options.map((vocabularyView) => ({
      group: 'Show',
      title: `Show vocabulary as ${vocabularyView}`,
      run: () => store.setState({ chartsTab: 'vocabulary', vocabularyView }),
    })),
    { group: 'Runs', title: 'Open the stored runs', ...keys('runs'), run: () => library.show('runs') },
    {
      group: 'Runs',
      title: 'Compare two runs',
      ...keys('compare'),
      run: () => library.show('compare'),
    },
    { group: 'Models', title: 'Manage models', ...keys('models'), run: () => library.show('models') },
    {
      group: 'Models',
      title: 'Find models on the Hugging Face hub',
      run: () => {
        models.showTab('hub');
        library.show('models');
      },
    },
    ...EXAMPLES.map(({ title, system, prompt }) => ({
      group: 'Examples',
      title: `Example: ${title}`,
      run: () => store.setState({ system, prompt, promptKind: 'chat' }),
    })),
    {
      group: 'Window',
      title: state.letterKeys ? 'Turn single-letter keys off' : 'Turn single-letter keys on',
      run: () => store.setState({ letterKeys: !state.letterKeys }),
    },
    ...Theme.options.map((theme) => ({
      group: 'Window',
      title: `Theme: ${theme}`,
      run: () => store.setState({ theme }),
    })),
  ];
}

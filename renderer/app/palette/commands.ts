/** Everything the palette can do, as words and functions over the studio. */

import { showNextSplit } from '../../chat/show-token';
import { isRunning, stepsShown } from '../../run/run-view';
import { chooseImports, saveConversation } from '../../runs/file-commands';
import { nextAnswerView } from '../../state/app-state';
import { checkDraft } from '../../state/draft';
import { isAtWork } from '../../state/evaluations/state';
import { runObstacle } from '../../state/run-reasons';
import { shownChat } from '../../state/shown-chat';
import { shownRun } from '../../state/shown-run';
import type { Studio } from '../../state/studio-context';
import { ChartsTab, VocabularyView } from '../../state/vocabulary-state';
import { keyOf, type StudioCommand, when } from './command';
import { promptCommands, recentModelCommands } from './prompt-commands';
import { helpCommands, windowCommands } from './window-commands';

/** What can be done now; commands that would do nothing are left out. */
export function studioCommands(studio: Studio): StudioCommand[] {
  const { room } = studio.store.getState();
  const ofWorkbench = [runCommands, stepCommands, answerCommands, viewCommands, editCommands];
  return [
    ...(room === 'workbench' ? ofWorkbench.flatMap((commands) => commands(studio)) : []),
    ...evaluateCommands(studio),
    ...dialogCommands(studio),
    ...recentModelCommands(studio),
    ...(room === 'workbench' ? promptCommands(studio) : []),
    ...windowCommands(studio),
    ...helpCommands(studio),
  ];
}

function runCommands(studio: Studio): StudioCommand[] {
  const { store, control, chat } = studio;
  const state = store.getState();
  const group = 'Run';
  const running = isRunning(shownRun(state));
  const { conversation, isStored } = shownChat(state);
  const last = conversation.turns.length - 1;
  const again = (seed: 'same' | 'new') => () => void chat.answer(last, null, seed);
  return [
    ...when(!running && runObstacle(checkDraft(state), state.engine) === null, [
      { group, title: 'Run the prompt', ...keyOf(studio, 'run'), run: () => void control.run() },
    ]),
    ...when(running, [
      { group, title: 'Cancel', ...keyOf(studio, 'cancel'), run: () => void control.cancel() },
    ]),
    ...when(last >= 0 && !running && !isStored, [
      { group, title: 'Answer again, same seed', ...keyOf(studio, 'sameSeed'), run: again('same') },
      { group, title: 'Answer again, new seed', ...keyOf(studio, 'newSeed'), run: again('new') },
      { group, title: 'New conversation', run: () => chat.newConversation() },
    ]),
    { group, title: 'Restart the engine', run: () => void control.restartEngine() },
  ];
}

function stepCommands(studio: Studio): StudioCommand[] {
  const { store } = studio;
  const state = store.getState();
  const group = 'Step';
  const last = stepsShown(shownRun(state));
  const at = state.selectedStep ?? last;
  const step = (to: number) => () => store.setState({ selectedStep: to >= last ? null : Math.max(0, to) });
  return when(last > 0, [
    { group, title: 'Next step', ...keyOf(studio, 'stepForth'), run: step(at + 1) },
    { group, title: 'Previous step', ...keyOf(studio, 'stepBack'), run: step(at - 1) },
    { group, title: 'First step', run: step(0) },
    { group, title: 'Last step', run: step(last) },
  ]);
}

function answerCommands(studio: Studio): StudioCommand[] {
  const { store } = studio;
  const state = store.getState();
  const group = 'Answers';
  const next = nextAnswerView(state.answerView);
  const split = (by: -1 | 1) => () => showNextSplit(store, by);
  return when(shownChat(state).conversation.turns.length > 0, [
    { group, title: 'Next divergence', ...keyOf(studio, 'nextSplit'), run: split(1) },
    { group, title: 'Previous divergence', ...keyOf(studio, 'previousSplit'), run: split(-1) },
    {
      group,
      title: `Show answers as ${next}`,
      ...keyOf(studio, 'answerView'),
      run: () => store.setState({ answerView: next, inspected: null }),
    },
  ]);
}

function viewCommands({ store }: Studio): StudioCommand[] {
  const group = 'Show';
  return [
    ...ChartsTab.options.map((chartsTab) => ({
      group,
      title: `Show ${chartsTab}`,
      run: () => store.setState({ chartsTab }),
    })),
    ...VocabularyView.options.map((vocabularyView) => ({
      group,
      title: `Show vocabulary as ${vocabularyView}`,
      run: () => store.setState({ chartsTab: 'vocabulary', vocabularyView }),
    })),
  ];
}

function editCommands(studio: Studio): StudioCommand[] {
  const { store, edits } = studio;
  const { undo, redo } = store.getState().edits;
  const group = 'Settings';
  return [
    ...when(undo !== null, [{ group, title: `Undo: ${undo}`, ...keyOf(studio, 'undo'), run: edits.undo }]),
    ...when(redo !== null, [{ group, title: `Redo: ${redo}`, ...keyOf(studio, 'redo'), run: edits.redo }]),
  ];
}

function evaluateCommands(studio: Studio): StudioCommand[] {
  const { store, evaluations } = studio;
  const { room, jobs, evaluationPlace } = store.getState();
  const group = 'Evaluate';
  const isThere = room === 'evaluate';
  const job = isThere ? jobs?.find(({ jobId }) => jobId === evaluationPlace.job) : undefined;
  return [
    {
      group,
      title: isThere ? 'Back to the workbench' : 'Open the evaluations',
      ...keyOf(studio, 'evaluate'),
      run: () => store.setState({ room: isThere ? 'workbench' : 'evaluate' }),
    },
    {
      group,
      title: 'New evaluation',
      run: () => {
        store.setState({ room: 'evaluate' });
        evaluations.show({ job: null, problem: null });
      },
    },
    ...when(job !== undefined && isAtWork(job), [
      { group, title: 'Pause the evaluation', run: () => void evaluations.pause(job!.jobId) },
    ]),
    ...when(job !== undefined && !isAtWork(job) && job.state !== 'done', [
      { group, title: 'Resume the evaluation', run: () => void evaluations.resume(job!.jobId) },
    ]),
  ];
}

function dialogCommands(studio: Studio): StudioCommand[] {
  const { models, store } = studio;
  const show = (view: 'runs' | 'compare' | 'models') => () => store.setState({ dialog: view });
  return [
    { group: 'Runs', title: 'Open the stored runs', ...keyOf(studio, 'runs'), run: show('runs') },
    { group: 'Runs', title: 'Compare two runs', ...keyOf(studio, 'compare'), run: show('compare') },
    { group: 'Runs', title: 'Import a run or a conversation…', run: () => chooseImports(studio) },
    ...when(store.getState().conversation.turns.length > 0 && !isRunning(shownRun(store.getState())), [
      { group: 'Runs', title: 'Export the whole conversation', run: () => saveConversation(studio) },
    ]),
    { group: 'Models', title: 'Manage models', ...keyOf(studio, 'models'), run: show('models') },
    {
      group: 'Models',
      title: 'Find models on the Hugging Face hub',
      run: () => {
        models.showTab('hub');
        store.setState({ dialog: 'models' });
      },
    },
  ];
}

/** What the palette does with prompts and models: examples, those of before, and the list that is stepped through. */
import { cut, oneLine } from '../../../engine/protocol';
import { EXAMPLES } from '../../prompt/examples';
import { isRunning } from '../../run/run-view';
import { shownRun } from '../../state/shown-run';
import type { Studio } from '../../state/studio-context';
import { keyOf, type StudioCommand, when } from './command';

export function promptCommands(studio: Studio): StudioCommand[] {
  const { store, prompts } = studio;
  const { recentPrompts } = store.getState();
  return [
    ...listCommands(studio),
    {
      group: 'Prompts',
      title: 'Step through a list of prompts…',
      run: () => store.setState({ dialog: 'prompts' }),
    },
    ...recentPrompts.map((prompt) => ({
      group: 'Prompts',
      title: `Prompt of before: ${oneLine(cut(prompt.prompt, 200), 60)}`,
      run: () => prompts.take(prompt),
    })),
    ...EXAMPLES.map(({ title, system, prompt }) => ({
      group: 'Examples',
      title: `Example: ${title}`,
      run: () => prompts.take({ system, prompt, promptKind: 'chat' }),
    })),
  ];
}

function listCommands(studio: Studio): StudioCommand[] {
  const { store, prompts } = studio;
  const state = store.getState();
  const { promptSet } = state;
  if (!promptSet) return [];
  const { at } = promptSet;
  const group = 'Prompts';
  const free = !isRunning(shownRun(state));
  const next = { group, title: 'Next prompt of the list', ...keyOf(studio, 'nextPrompt') };
  const before = { group, title: 'Prompt of the list before', ...keyOf(studio, 'previousPrompt') };
  return [
    ...when(free && at + 1 < promptSet.prompts.length, [{ ...next, run: () => void prompts.goTo(at + 1) }]),
    ...when(free && at > 0, [{ ...before, run: () => void prompts.goTo(at - 1) }]),
    { group, title: 'Put the list of prompts away', run: () => prompts.end() },
  ];
}

export function recentModelCommands({ store, prompts }: Studio): StudioCommand[] {
  const { recentModels, modelChoice } = store.getState();
  return recentModels
    .filter(({ choice }) => JSON.stringify(choice) !== JSON.stringify(modelChoice))
    .map((model) => ({
      group: 'Models',
      title: `Open again: ${[model.id, model.dtype, model.choice.server].filter(Boolean).join(' ')}`,
      run: () => prompts.openModel(model),
    }));
}

/** docs/keyboard.md: every key of the window's own keymap, and those of single parts. */
import { ACTIONS, type Action, isCharacter, keyText } from '../../renderer/keys/keymap';

const MEANINGS: Readonly<Record<Action, string>> = {
  run: 'Run the prompt; in Evaluate, start the evaluation',
  cancel: 'Cancel what runs; close the dialog',
  palette: 'Find any command by its name',
  runs: 'Stored runs',
  compare: 'Compare two runs',
  models: 'Models',
  evaluate: 'Evaluate, and back to the workbench',
  undo: 'Take back the last change of lanes, groups or template variables; in a field, of its text',
  redo: 'Do again what was taken back',
  stepBack: 'One step back, in every chart',
  stepForth: 'One step forth, in every chart',
  nextSplit: 'Next token where the lanes part',
  previousSplit: 'Previous token where the lanes part',
  answerView: 'Next way to show answers: tokens, text, Markdown',
  nextColouring: 'Next colouring of answer tokens',
  previousColouring: 'Previous colouring of answer tokens',
  sameSeed: 'Answer the last turn again, same seed',
  nextPrompt: 'Next prompt of the list',
  previousPrompt: 'Prompt of the list before',
  speed: 'Show speed and memory, and hide them',
  newSeed: 'Answer the last turn again, new seed',
};

const PARTS: readonly (readonly [part: string, keys: string, meaning: string])[] = [
  ['Follow-up field', 'Enter', 'Send; Shift+Enter begins a line'],
  ['A turn that is changed', 'Escape', 'Leave it as it was'],
  ['An answer', '← → Home End', 'From token to token'],
  ['An answer', 'Enter', 'Pin the token, so that its distributions stay'],
  ['Prompt strip', '← → ↑ ↓ Home End', 'From token to token'],
  ['Heatmap', '← →', 'Step'],
  ['Heatmap', '↑ ↓', 'Token'],
  ['Spread', '← →', 'From bar to bar'],
  ['Line between two panes', '← → Home End', 'Narrower, wider, narrowest, widest; Enter: as it was'],
  ['List of evaluations', '↑ ↓', 'From evaluation to evaluation'],
  ['Problems by lanes', '↑ ↓ PgUp PgDn Home End', 'From problem to problem; Enter opens it'],
  ['Sweep map, steps plot', 'arrows', 'From setting to setting'],
];

export function keyboardPage(): string {
  const own = (is: (action: Action) => boolean) =>
    ACTIONS.filter(is).map(
      (action) => `| ${MEANINGS[action]} | ${keys(action, false)} | ${keys(action, true)} |`,
    );
  const head = ['| | Linux, Windows | Mac |', '|---|---|---|'];
  return `# Keyboard

Made from the window's own table of keys by \`npm run docs\`.

${[...head, ...own((action) => !isCharacter(action))].join('\n')}

## Single keys

They act wherever nobody types, and can be turned off under *Keyboard* in the settings.

${[...head, ...own(isCharacter)].join('\n')}

## Within a part

Tab moves from part to part; what follows acts in the part that has the focus.

| part | keys | |
|---|---|---|
${PARTS.map((row) => `| ${row.join(' | ')} |`).join('\n')}

In the desktop app the menu has the system's usual entries, with their usual keys.
`;
}

function keys(action: Action, isMac: boolean): string {
  return `\`${keyText(action, isMac)}\``;
}

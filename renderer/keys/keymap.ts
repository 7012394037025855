/** Every key of the window: what it does on which platform, how it is written, and how it is recognised. */

/** ⌘ on a Mac, Ctrl elsewhere: on a Mac, Ctrl with a letter edits text. */
interface Chord {
  /** As KeyboardEvent has it, letters in lower case. */
  readonly key: string;
  readonly command?: true;
  readonly shift?: true;
}

const KEYMAP = {
  run: { key: 'Enter', command: true },
  cancel: { key: 'Escape' },
  palette: { key: 'k', command: true },
  runs: { key: 'o', command: true },
  compare: { key: 'o', command: true, shift: true },
  models: { key: 'm', command: true },
  evaluate: { key: 'e', command: true },
  undo: { key: 'z', command: true },
  redo: { key: 'z', command: true, shift: true },
  stepBack: { key: '[' },
  stepForth: { key: ']' },
  nextSplit: { key: 'd' },
  previousSplit: { key: 'd', shift: true },
  answerView: { key: 'm' },
  nextColouring: { key: 'k' },
  previousColouring: { key: 'k', shift: true },
  sameSeed: { key: 'r' },
  nextPrompt: { key: 'n' },
  previousPrompt: { key: 'n', shift: true },
  speed: { key: 'p' },
  newSeed: { key: 'r', shift: true },
} as const satisfies Readonly<Record<string, Chord>>;

export type Action = keyof typeof KEYMAP;
// The keys of a constant are known.
export const ACTIONS = Object.keys(KEYMAP) as Action[];

/** ⌘M puts a Mac's window away. */
const ON_MAC: Partial<Record<Action, Chord>> = { models: { key: 'm', command: true, shift: true } };

function chordOf(action: Action, isMac: boolean): Chord {
  return (isMac ? ON_MAC[action] : undefined) ?? KEYMAP[action];
}

/** A key that types a character: speech input and slips of the hand press it too, so it can be turned off. */
export function isCharacter(action: Action): boolean {
  const { key, command }: Chord = KEYMAP[action];
  return key.length === 1 && !command;
}

/** Keys that mean a text's own undo wherever text is typed. */
export const TEXT_ACTIONS: readonly Action[] = ['undo', 'redo'];

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

export function isPressed(action: Action, event: Pressed, isMac: boolean): boolean {
  const { key, command = false, shift = false } = chordOf(action, isMac);
  if (event.key.toLowerCase() !== key.toLowerCase()) return false;
  // On some keyboards a bracket is typed with Alt, with AltGr, which looks like Ctrl and Alt, or with Shift.
  if (isCharacter(action) && !isLetter(key)) return !event.metaKey && (event.altKey || !event.ctrlKey);
  const [wanted, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  return wanted === command && !other && !event.altKey && event.shiftKey === shift;
}

function isLetter(key: string): boolean {
  return /^[a-z]$/.test(key);
}

const MAC_SIGNS: Readonly<Record<string, string>> = { Enter: '↵', Escape: 'esc' };
const SHORT: Readonly<Record<string, string>> = { Escape: 'Esc' };

/** As the platform writes it: `⇧⌘O`, `Ctrl+Shift+O`. */
export function keyText(action: Action, isMac: boolean): string {
  const { key, command, shift } = chordOf(action, isMac);
  const name = key.length === 1 ? key.toUpperCase() : ((isMac ? MAC_SIGNS : SHORT)[key] ?? key);
  if (isMac) return `${shift ? '⇧' : ''}${command ? '⌘' : ''}${name}`;
  return `${command ? 'Ctrl+' : ''}${shift ? 'Shift+' : ''}${name}`;
}

/** As aria-keyshortcuts wants it. */
export function ariaKeys(action: Action, isMac: boolean): string {
  const { key, command, shift } = chordOf(action, isMac);
  const name = key.length === 1 ? key.toUpperCase() : key;
  return `${command ? (isMac ? 'Meta+' : 'Control+') : ''}${shift ? 'Shift+' : ''}${name}`;
}

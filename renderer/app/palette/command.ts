/** A command of the palette, and what commands have in common. */
import { type Action, isCharacter, keyText } from '../../keys/keymap';
import type { Studio } from '../../state/studio-context';

export interface StudioCommand {
  readonly group: string;
  readonly title: string;
  /** The key that does the same, as it is written on the key. */
  readonly keys?: string;
  readonly run: () => void;
}

/** The key of an action, where the user has not turned keys of its kind off. */
export function keyOf({ store, shell }: Studio, action: Action): Pick<StudioCommand, 'keys'> {
  const { letterKeys } = store.getState();
  return letterKeys || !isCharacter(action) ? { keys: keyText(action, shell.isMac) } : {};
}

export function when(condition: boolean, commands: StudioCommand[]): StudioCommand[] {
  return condition ? commands : [];
}

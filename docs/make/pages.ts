/** The pages that are made from the source: `npm run docs` writes them, and a test holds them to be current. */
import { commandsPage } from './commands-page';
import { keyboardPage } from './keyboard-page';

/** File name in docs → its text. */
export const MADE_PAGES: Readonly<Record<string, () => string>> = {
  'commands.md': commandsPage,
  'keyboard.md': keyboardPage,
};

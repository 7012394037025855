/** Keys that belong to an input method: Enter takes its text, Escape drops it, letters make it up. */

/** Browsers that end a composition before they tell of the key that ended it, Safari for one, still give it this code. */
const KEY_OF_INPUT_METHOD = 229;

/**
 * Keeps them from every handler of the page, dialogs' and menus' included: first of all that listen, and stopped. The
 * text that is being composed is then neither sent nor lost.
 */
export function keepComposingKeys(page: Window): void {
  const stop = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === KEY_OF_INPUT_METHOD) event.stopImmediatePropagation();
  };
  page.addEventListener('keydown', stop, true);
  page.addEventListener('keyup', stop, true);
}

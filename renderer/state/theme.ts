/** Writes the chosen theme onto the page, where the style sheets read it. */
import type { AppStore } from './store';

export function followTheme(store: AppStore, element: HTMLElement): void {
  const write = () => {
    element.dataset.theme = store.getState().theme;
  };
  store.subscribe(write);
  write();
}

/** Writes the chosen theme and density onto the page, where the style sheets read them. */
import type { AppStore } from './store';

export function followTheme(store: AppStore, element: HTMLElement): void {
  const write = () => {
    const { theme, density } = store.getState();
    element.dataset.theme = theme;
    element.dataset.density = density;
  };
  // The state changes with every token; a page whose root is written to is looked through.
  store.subscribe((state, before) => {
    if (state.theme !== before.theme || state.density !== before.density) write();
  });
  write();
}

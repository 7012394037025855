/** Writes the chosen theme and density onto the page, where the style sheets read them. */
import type { AppStore } from './store';

export function followTheme(store: AppStore, element: HTMLElement): void {
  const write = () => {
    const { theme, density } = store.getState();
    element.dataset.theme = theme;
    element.dataset.density = density;
  };
  store.subscribe(write);
  write();
}

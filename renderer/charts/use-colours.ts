/** The style sheet's colours for what is painted on a canvas, again when the theme changes. */
import { type RefObject, useEffect, useState } from 'react';
import { useStudio } from '../state/studio-context';

/**
 * @param names custom properties by what they colour; the same object at every call
 * @returns null until the element is there
 */
export function useColours<K extends string>(
  element: RefObject<HTMLElement | null>,
  names: Readonly<Record<K, string>>,
): Readonly<Record<K, string>> | null {
  const { store } = useStudio();
  const [colours, setColours] = useState<Readonly<Record<K, string>> | null>(null);

  useEffect(() => {
    const read = () => element.current && setColours(resolveColours(element.current, names));
    read();
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', read);
    const unsubscribe = store.subscribe(({ theme }, before) => {
      if (theme !== before.theme) read();
    });
    return () => {
      system.removeEventListener('change', read);
      unsubscribe();
    };
  }, [element, names, store]);

  return colours;
}

/** light-dark() in a custom property is told only where a colour is asked for. */
function resolveColours<K extends string>(
  element: HTMLElement,
  names: Readonly<Record<K, string>>,
): Record<K, string> {
  const colours = Object.entries<string>(names).map(([part, name]) => {
    element.style.color = `var(${name})`;
    return [part, getComputedStyle(element).color];
  });
  element.style.color = '';
  return Object.fromEntries(colours) as Record<K, string>;
}

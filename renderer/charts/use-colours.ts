/** The style sheet's colours for what is painted on a canvas, again when the theme changes. */
import { type RefObject, useEffect, useState } from 'react';
import { useAppState } from '../state/studio-context';
import type { HeatmapColours } from './draw-heatmap';

const NAMES = { up: '--up', down: '--down', none: '--surface-sunk', absent: '--line' } as const;

export function useColours(element: RefObject<HTMLElement | null>): HeatmapColours | null {
  const theme = useAppState((state) => state.theme);
  const [colours, setColours] = useState<HeatmapColours | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is read anew
  useEffect(() => {
    const own = element.current;
    if (!own) return;
    const read = () => {
      // light-dark() in a custom property is told only where a colour is asked for.
      const resolve = (name: string) => {
        own.style.color = `var(${name})`;
        const { color } = getComputedStyle(own);
        own.style.color = '';
        return color;
      };
      setColours({
        up: resolve(NAMES.up),
        down: resolve(NAMES.down),
        none: resolve(NAMES.none),
        absent: resolve(NAMES.absent),
      });
    };
    read();
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', read);
    return () => system.removeEventListener('change', read);
  }, [element, theme]);

  return colours;
}

/** Steps through the optimisation by itself, twice a second, and stops at the end. */
import { useEffect, useState } from 'react';
import type { SelectedStep } from '../../state/use-selected-step';

const STEP_MS = 500;
const REDUCED = '(prefers-reduced-motion: reduce)';

export interface Playback {
  readonly isPlaying: boolean;
  /** The system asks for no motion that was not asked for step by step. */
  readonly isReduced: boolean;
  toggle(): void;
}

export function usePlayback({ step, last, select }: SelectedStep): Playback {
  const [wanted, setWanted] = useState(false);
  const [isReduced, setReduced] = useState(() => matchMedia(REDUCED).matches);
  const isPlaying = wanted && !isReduced && last > 0;

  useEffect(() => {
    const query = matchMedia(REDUCED);
    const read = () => setReduced(query.matches);
    query.addEventListener('change', read);
    return () => query.removeEventListener('change', read);
  }, []);

  useEffect(() => {
    if (!isPlaying) return;
    if (step >= last) {
      setWanted(false);
      return;
    }
    const timer = setTimeout(() => select(step + 1), STEP_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, step, last, select]);

  return {
    isPlaying,
    isReduced,
    toggle: () => {
      if (!isPlaying && step >= last) select(0);
      setWanted(!isPlaying);
    },
  };
}

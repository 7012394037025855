/** Tokens chosen by dragging over them, or with Shift and the arrow keys. */
import { useEffect, useState } from 'react';
import type { Brush } from '../../run/prompt-scope';

interface Brushing {
  readonly brush: Brush | null;
  /** A button went down on a token. */
  start(position: number): void;
  /** The pointer, or the keyboard, has come to a token. */
  extend(from: number, to: number): void;
  /** The pointer has come to a token, perhaps with its button down. */
  enter(position: number): void;
  clear(): void;
}

/** @param onChosen called with the tokens that were dragged over, and whether they come beside those chosen before */
export function useBrush(onChosen: (brush: Brush, isAdded: boolean) => void): Brushing {
  const [brush, setBrush] = useState<Brush | null>(null);
  const [isDown, setDown] = useState(false);
  useEffect(() => {
    if (!isDown) return;
    const end = ({ ctrlKey, metaKey }: PointerEvent) => {
      setDown(false);
      setBrush(null);
      // A mere click chooses nothing.
      if (brush && brush.from !== brush.to) onChosen(brush, ctrlKey || metaKey);
    };
    const drop = () => {
      setDown(false);
      setBrush(null);
    };
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', drop);
    return () => {
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', drop);
    };
  }, [isDown, brush, onChosen]);
  return {
    brush,
    start(position) {
      setDown(true);
      setBrush({ from: position, to: position });
    },
    extend: (from, to) => setBrush({ from: brush?.from ?? from, to }),
    enter(position) {
      if (isDown && brush) setBrush({ ...brush, to: position });
    },
    clear: () => setBrush(null),
  };
}

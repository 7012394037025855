/** The whole prompt in one line of colour: where it was learned, and a way to get there. */
import { useEffect, useRef } from 'react';
import { HEATMAP_COLOURS } from '../../charts/draw-heatmap';
import { useColours } from '../../charts/use-colours';
import { useWidth } from '../../charts/use-width';
import type { PromptLosses } from '../../run/prompt-losses';

const HEIGHT = 9;

interface StripOverviewProps {
  readonly losses: PromptLosses;
  readonly count: number;
  readonly onChoose: (position: number) => void;
}

export function StripOverview({ losses, count, onChoose }: StripOverviewProps) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(holder);
  const colours = useColours(holder, HEATMAP_COLOURS);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context || !colours || width === 0) return;
    const scale = window.devicePixelRatio || 1;
    canvas.current.width = Math.round(width * scale);
    canvas.current.height = Math.round(HEIGHT * scale);
    context.scale(scale, scale);
    const changes = losses.before.map((loss, at) => (losses.after[at] ?? loss) - loss);
    const largest = changes.reduce((most, change) => Math.max(most, Math.abs(change)), 1e-6);
    const cell = width / count;
    for (const [at, change] of changes.entries()) {
      const depth = Math.sqrt(Math.abs(change) / largest);
      context.globalAlpha = depth;
      context.fillStyle = change > 0 ? colours.down : colours.up;
      // What was learned stands on the ground, what got worse hangs from above: told without colour too.
      const height = Math.max(1, depth * HEIGHT);
      context.fillRect((at + 1) * cell, change > 0 ? 0 : HEIGHT - height, Math.max(1, cell), height);
    }
  }, [losses, count, width, colours]);

  return (
    // A shortcut for the pointer: the tokens below are in reach of the keyboard.
    <div
      ref={holder}
      className="strip__overview"
      aria-hidden="true"
      title="The whole prompt: click to go there"
      onClick={({ clientX, currentTarget }) => {
        const box = currentTarget.getBoundingClientRect();
        onChoose(Math.max(0, Math.min(count - 1, Math.floor(((clientX - box.left) / box.width) * count))));
      }}
    >
      <canvas ref={canvas} />
    </div>
  );
}

/** Thousands of points, drawn once per change of figures, size or theme. */
import { useEffect, useRef } from 'react';
import { useColours } from '../charts/use-colours';
import { type PlotScale, toneOf } from './plot-scale';
import type { Scatter } from './scatter';

const TONES = ['--text-muted', '--down', '--up'] as const;
const COLOURS = { '--text-muted': '--text-muted', '--down': '--down', '--up': '--up' } as const;

export function PointsCanvas({ scatter, scale }: { scatter: Scatter; scale: PlotScale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours(canvas, COLOURS);

  useEffect(() => {
    if (canvas.current && colours) draw(canvas.current, scatter, scale, colours);
  }, [scatter, scale, colours]);

  const { width, height } = scale.size;
  return <canvas ref={canvas} className="scatter__canvas" style={{ width, height }} />;
}

function draw(
  canvas: HTMLCanvasElement,
  scatter: Scatter,
  scale: PlotScale,
  colours: Readonly<Record<(typeof TONES)[number], string>>,
): void {
  const { width, height } = scale.size;
  const context = canvas.getContext('2d');
  if (!context || width === 0 || height === 0) return;
  // At least two, so that exports are sharp too.
  const density = Math.max(2, devicePixelRatio);
  canvas.width = width * density;
  canvas.height = height * density;
  context.scale(density, density);
  const many = scatter.tokens.length > 20_000;
  context.globalAlpha = many ? 0.35 : 0.55;
  const radius = many ? 1.1 : 1.6;
  for (const tone of TONES) {
    context.fillStyle = colours[tone];
    for (let place = 0; place < scatter.tokens.length; place++) {
      if (toneOf(scatter, place) !== tone) continue;
      const [x, y] = [scale.x(scatter.x[place]!), scale.y(scatter.y[place]!)];
      context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
  }
}

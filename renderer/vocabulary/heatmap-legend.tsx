/** What the heatmap's colours stand for, from the greatest fall to the greatest rise. */
import type { StepMetric } from '../run/vocabulary/heatmap';
import { writeMetric } from '../run/vocabulary/metric-texts';

const DEPTHS = [-1, -0.5, -0.1, 0, 0.1, 0.5, 1] as const;

export function HeatmapLegend({ largest, metric }: { largest: number; metric: StepMetric }) {
  return (
    <p className="heatmap__legend muted">
      <span>{writeMetric(metric, -largest)}</span>
      {DEPTHS.map((depth) => (
        <i
          key={depth}
          className={depth < 0 ? 'bar--down' : 'bar--up'}
          style={{ opacity: Math.sqrt(Math.abs(depth)) }}
        />
      ))}
      <span>{writeMetric(metric, largest)}</span>
      <span>square-root scale; hatched is below zero</span>
    </p>
  );
}

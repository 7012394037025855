/** Makes the chart around it exportable: one line in a chart that has no frame of its own. */
import { useRef } from 'react';
import { ChartMenu } from './chart-menu';
import { useChartExport } from './chart-registry';
import type { ChartData } from './csv';
import './export.css';

interface ChartExportProps {
  readonly title: string;
  /** The ancestor that is the chart, as a selector. */
  readonly chart: string;
  readonly data: () => ChartData;
}

export function ChartExport({ title, chart, data }: ChartExportProps) {
  const spot = useRef<HTMLSpanElement>(null);
  const exported = useChartExport(title, () => spot.current?.closest<HTMLElement>(chart) ?? null, data);
  return (
    <span ref={spot} className="chart-export" data-export="skip">
      <ChartMenu chart={exported} />
    </span>
  );
}

/** Writes one chart to a file of the wanted kind. */
import { toCsv } from '../../engine/protocol';
import type { ExportedChart } from './chart-registry';
import { fileName, type Subject } from './file-name';
import { paintSvg } from './paint-svg';
import { rasterise, serialise } from './rasterise';
import { saveFile } from './save-file';

export const CHART_FILES = [
  { kind: 'csv', name: 'CSV', what: 'the figures, in full precision' },
  { kind: 'svg', name: 'SVG', what: 'the picture, to be scaled or edited' },
  { kind: 'png', name: 'PNG', what: 'the picture, at twice its size' },
] as const;
export type ChartFile = (typeof CHART_FILES)[number]['kind'];

/** Rejects where the browser cannot draw. */
export async function exportChart(chart: ExportedChart, kind: ChartFile, subject: Subject): Promise<void> {
  const name = fileName(chart.subject ?? subject, chart.title, kind);
  if (kind === 'csv') {
    saveFile(name, kind, toCsv(chart.data()));
    return;
  }
  const element = chart.element();
  if (!element) throw new Error('the chart is no longer on screen');
  const svg = paintSvg(element, chart.title);
  saveFile(name, kind, kind === 'svg' ? serialise(svg) : await rasterise(svg));
}

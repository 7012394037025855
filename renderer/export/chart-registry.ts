/** Every chart on screen, for the menus that export them. */
import { createContext, type RefObject, useContext, useEffect, useId, useMemo, useRef } from 'react';
import type { ChartData } from './csv';
import type { Subject } from './file-name';

export interface ExportedChart {
  readonly id: string;
  readonly title: string;
  /** What it shows, where that is not the run of the main view. */
  readonly subject: Subject | null;
  element(): HTMLElement | null;
  /** In full precision; asked for when it is exported. */
  data(): ChartData;
}

const charts = new Map<string, ExportedChart>();

/** In the order in which they stand on the page. */
export function chartsOnScreen(): ExportedChart[] {
  return [...charts.values()]
    .flatMap((chart) => {
      const element = chart.element();
      return element ? [{ chart, element }] : [];
    })
    .sort((a, b) =>
      a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    )
    .map(({ chart }) => chart);
}

/** What the charts below are of. */
export const ExportSubject = createContext<Subject | null>(null);

/**
 * Lets the chart inside `element` be exported, from its own menu and from the window's.
 * @param data called on export only, so it may be costly
 */
export function useChartExport(
  title: string,
  element: RefObject<HTMLElement | null>,
  data: () => ChartData,
): ExportedChart {
  const id = useId();
  const subject = useContext(ExportSubject);
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
  });
  const chart = useMemo<ExportedChart>(
    () => ({ id, title, subject, element: () => element.current, data: () => latest.current() }),
    [id, title, subject, element],
  );
  useEffect(() => {
    charts.set(id, chart);
    return () => void charts.delete(id);
  }, [id, chart]);
  return chart;
}

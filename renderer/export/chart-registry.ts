/** Every chart on screen, for the menus that export them. */
import { createContext, useContext, useEffect, useId, useMemo, useRef } from 'react';
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
 * Lets a chart be exported, from its own menu and from the window's.
 * @param element what is painted @param data called on export only, so it may be costly
 */
export function useChartExport(
  title: string,
  element: () => HTMLElement | null,
  data: () => ChartData,
): ExportedChart {
  const id = useId();
  const subject = useContext(ExportSubject);
  const latest = useRef({ element, data });
  useEffect(() => {
    latest.current = { element, data };
  });
  const chart = useMemo<ExportedChart>(
    () => ({
      id,
      title,
      subject,
      element: () => latest.current.element(),
      data: () => latest.current.data(),
    }),
    [id, title, subject],
  );
  useEffect(() => {
    charts.set(id, chart);
    return () => void charts.delete(id);
  }, [id, chart]);
  return chart;
}

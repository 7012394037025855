/** A chart's own export menu: its figures or its picture. */
import { DropdownMenu } from 'radix-ui';
import { useStudio } from '../state/studio-context';
import type { ExportedChart } from './chart-registry';
import { CHART_FILES, exportChart } from './export-chart';
import { useSubject } from './use-subject';
import '../ui/parts/popover.css';

export function ChartMenu({ chart }: { chart: ExportedChart }) {
  const { toasts } = useStudio();
  const subject = useSubject();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="button button--quiet chart__toggle chart__export"
        aria-label={`Export ${chart.title}`}
        title="Export: CSV, SVG or PNG"
      >
        <span aria-hidden="true">⤓</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={2} collisionPadding={8}>
          {CHART_FILES.map(({ kind, name, what }) => (
            <DropdownMenu.Item
              key={kind}
              className="menu__item"
              onSelect={() => void exportChart(chart, kind, subject()).catch(toasts.complain)}
            >
              <strong>{name}</strong>
              <span>{what}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The window's export menu: the run on screen, and every chart on screen. */

import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { isRunning } from '../run/run-view';
import { useAppState, useIsPage, useStudio } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import { chartsOnScreen, type ExportedChart } from './chart-registry';
import { CopyItems } from './copy-items';
import { CHART_FILES, exportChart } from './export-chart';
import { exportConversation } from './export-conversation';
import { exportLines, exportPage, exportVectors } from './export-run';
import { PageItems } from './page-items';
import { useSubject } from './use-subject';
import '../ui/parts/popover.css';
import './export.css';

export function ExportMenu() {
  const { toasts } = useStudio();
  const subject = useSubject();
  const [charts, setCharts] = useState<readonly ExportedChart[]>([]);
  const runId = useShownRun((run) => (run.model && !isRunning(run) ? run.runId : null));

  return (
    <DropdownMenu.Root modal={false} onOpenChange={(open) => open && setCharts(chartsOnScreen())}>
      <DropdownMenu.Trigger
        className="button button--quiet"
        data-testid="export"
        title="Save this run or a chart"
      >
        Export <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu export-menu" align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Label className="export-menu__label">
            {runId === null ? 'This run, once it has ended' : 'This run'}
          </DropdownMenu.Label>
          <RunItems runId={runId} />
          <ConversationItem />
          <DropdownMenu.Separator className="export-menu__line" />
          <DropdownMenu.Label className="export-menu__label">Charts on screen</DropdownMenu.Label>
          {charts.map((chart) => (
            <DropdownMenu.Group key={chart.id} className="export-menu__chart" aria-label={chart.title}>
              <span className="export-menu__title">{chart.title}</span>
              {CHART_FILES.map(({ kind, name, what }) => (
                <DropdownMenu.Item
                  key={kind}
                  className="menu__item export-menu__kind"
                  aria-label={`${chart.title} as ${name}`}
                  title={what}
                  onSelect={() => void exportChart(chart, kind, subject()).catch(toasts.complain)}
                >
                  {name}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Group>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** None in a page, which holds no conversation. */
function ConversationItem() {
  const studio = useStudio();
  const subject = useSubject();
  const running = useShownRun(isRunning);
  const isEmpty = useAppState((state) => state.conversation.turns.length === 0);
  if (useIsPage()) return null;
  return (
    <DropdownMenu.Item
      className="menu__item"
      data-testid="export-conversation"
      disabled={isEmpty || running}
      onSelect={() => void exportConversation(studio, subject())}
    >
      <strong>The whole conversation</strong>
      <span>all turns, lanes and branches with their runs; import it here or elsewhere (no vectors)</span>
    </DropdownMenu.Item>
  );
}

/** @param runId null where there is none that has ended */
function RunItems({ runId }: { runId: string | null }) {
  const studio = useStudio();
  const subject = useSubject();
  return (
    <>
      <PageItems
        disabled={runId === null}
        onSelect={(withVectors) => runId !== null && void exportPage(studio, [runId], subject(), withVectors)}
      />
      <DropdownMenu.Item
        className="menu__item"
        disabled={runId === null}
        onSelect={() => runId !== null && void exportLines(studio, runId, subject())}
      >
        <strong>Events as JSON Lines</strong>
        <span>all that was recorded; import it here or read it line by line</span>
      </DropdownMenu.Item>
      <DropdownMenu.Item
        className="menu__item"
        disabled={runId === null}
        onSelect={() => runId !== null && void exportVectors(studio, runId, subject())}
      >
        <strong>Delta and shifts as safetensors</strong>
        <span>per lane: delta [T, d], shift [T, V], mean probabilities</span>
      </DropdownMenu.Item>
      <CopyItems runId={runId} />
    </>
  );
}

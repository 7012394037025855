/** Exports a stored run without opening it. */
import { DropdownMenu } from 'radix-ui';
import type { RunSummary } from '../../engine/protocol';
import { CopyItems } from '../export/copy-items';
import { exportLines, exportPage, exportVectors } from '../export/export-run';
import { PageItems } from '../export/page-items';
import { useStudio } from '../state/studio-context';
import '../ui/parts/popover.css';

export function RunExportMenu({ run }: { run: RunSummary }) {
  const studio = useStudio();
  const adapts = run.lanes.some(({ steps }) => steps > 0);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button--quiet" aria-label="Export this run">
        Export <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={2} collisionPadding={8}>
          <PageItems onSelect={(withVectors) => void exportPage(studio, [run.runId], run, withVectors)} />
          <DropdownMenu.Item className="menu__item" onSelect={() => void exportLines(studio, run.runId, run)}>
            <strong>JSON Lines</strong>
            <span>all events; imports again</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu__item"
            disabled={!adapts}
            onSelect={() => void exportVectors(studio, run.runId, run)}
          >
            <strong>safetensors</strong>
            <span>{adapts ? 'delta and shifts of each lane' : 'no lane of this run adapts'}</span>
          </DropdownMenu.Item>
          <CopyItems runId={run.runId} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

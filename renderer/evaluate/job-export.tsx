/** A job as a file, or its table on the clipboard. */
import { DropdownMenu } from 'radix-ui';
import type { ExportFormat, JobInfo } from '../../engine/protocol';
import { fileName } from '../export/file-name';
import { type FileKind, saveFile } from '../export/save-file';
import { useIsPage, useStudio } from '../state/studio-context';
import { exportEvaluation } from './export-evaluation';
import { jobName, jobSubject } from './words';
import '../ui/parts/popover.css';

const FORMATS: readonly { format: ExportFormat; kind: FileKind; name: string; what: string }[] = [
  {
    format: 'jsonl',
    kind: 'jsonl',
    name: 'JSON Lines',
    what: 'the job with its problems and answers; import it here',
  },
  { format: 'csv', kind: 'csv', name: 'CSV', what: 'a row for each answer' },
  { format: 'markdown', kind: 'md', name: 'Markdown', what: 'the table of lanes, and what it may claim' },
  { format: 'latex', kind: 'tex', name: 'LaTeX', what: 'the table of lanes' },
];

export function JobExport({ job }: { job: JobInfo }) {
  const studio = useStudio();
  const { evaluations, toasts, shell } = studio;
  const isPage = useIsPage();
  const text = (format: ExportFormat) => evaluations.exported(job.jobId, format);
  const save = (format: ExportFormat, kind: FileKind) =>
    toasts.attempt(async () => {
      const subject = jobSubject(job.config.model.folder, job.createdAt);
      saveFile(fileName(subject, jobName(job), kind), kind, await text(format));
    });
  const copy = (format: ExportFormat, name: string) =>
    toasts.attempt(async () => {
      await shell.copyText(await text(format));
      toasts.say(`Copied the table as ${name}.`);
    });
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button" data-testid="export-job">
        Export <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {!isPage && (
            <DropdownMenu.Item
              className="menu__item"
              onSelect={() => void toasts.attempt(() => exportEvaluation(studio, job))}
            >
              <strong>Page (HTML)</strong>
              <span>opens from disk in any browser: the table, charts, every answer</span>
            </DropdownMenu.Item>
          )}
          {FORMATS.map(({ format, kind, name, what }) => (
            <DropdownMenu.Item key={format} className="menu__item" onSelect={() => void save(format, kind)}>
              <strong>{name}</strong>
              <span>{what}</span>
            </DropdownMenu.Item>
          ))}
          {FORMATS.slice(2).map(({ format, name }) => (
            <DropdownMenu.Item key={format} className="menu__item" onSelect={() => void copy(format, name)}>
              <strong>Copy as {name}</strong>
              <span>the table of lanes, to the clipboard</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

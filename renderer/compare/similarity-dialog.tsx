/** Whether the deltas of several runs point the same way: the cosine of every two, as a matrix. */
import { Dialog } from 'radix-ui';
import { type CSSProperties, useMemo, useState } from 'react';
import { chanceOfCosines, oneLine, type Result, type RunSummary } from '../../engine/protocol';
import { ChartFrame } from '../charts/chart-frame';
import { ExportSubject } from '../export/chart-registry';
import { dateWords } from '../run/run-words';
import { useAppState, useStudio } from '../state/studio-context';
import { useReading } from '../state/use-reading';
import { DialogFrame } from '../toasts/dialog-frame';
import { Problem } from '../ui/parts/problem';
import { CloseButton, RunsButton } from './sheet-buttons';
import '../charts/charts.css';
import './similarity.css';

type Similarity = Result<'deltas.similarity'>;

export function SimilarityDialog() {
  const { runs } = useStudio();
  const runIds = useAppState((state) => state.similarRuns);
  const stored = useAppState((state) => state.storedRuns);
  const { value, failure, retry } = useReading({
    key: runIds.length > 0 ? JSON.stringify(runIds) : null,
    scope: 'similarity',
    read: () => runs.similarity(runIds),
  });
  const [lane, setLane] = useState<string | null>(null);
  const lanes = [...new Set(value?.deltas.map((delta) => delta.lane))];
  const chosen = lane !== null && lanes.includes(lane) ? lane : null;
  const shown = useMemo(() => value && ofLane(value, chosen), [value, chosen]);
  return (
    <DialogFrame className="sheet" testId="similarity-view">
      <header className="sheet__head">
        <Dialog.Title className="sheet__title">Similarity of deltas</Dialog.Title>
        {lanes.length > 1 && (
          <select
            aria-label="Lanes whose deltas are shown"
            data-testid="similarity-lane"
            value={chosen ?? ''}
            onChange={({ target }) => setLane(target.value === '' ? null : target.value)}
          >
            <option value="">all lanes</option>
            {lanes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <RunsButton />
        <CloseButton />
      </header>
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code}>
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        </Problem>
      )}
      <div className="sheet__body">
        {shown && <Matrix similarity={shown} stored={stored ?? []} />}
        {!value && !failure && <p className="sheet__empty muted">Reading the deltas…</p>}
      </div>
    </DialogFrame>
  );
}

/** The part of the matrix that is of one lane's deltas; all of it where none is chosen. */
function ofLane({ deltas, cosines, hidden }: Similarity, lane: string | null): Similarity {
  const kept = deltas.flatMap((delta, i) => (lane === null || delta.lane === lane ? [i] : []));
  return {
    hidden,
    deltas: kept.map((i) => deltas[i]!),
    cosines: kept.map((i) => kept.map((j) => cosines[i]![j]!)),
  };
}

function Matrix({ similarity, stored }: { similarity: Similarity; stored: readonly RunSummary[] }) {
  const { deltas, cosines, hidden } = similarity;
  const names = deltas.map(({ runId, lane, step }): Name => {
    const run = stored.find((each) => each.runId === runId);
    const prompt = oneLine(run?.prompt ?? runId, 60);
    return { prompt, lane: oneLine(lane, 30), step, at: run?.at ?? '' };
  });
  const subject = useMemo(() => {
    const first = stored.find(({ runId }) => runId === deltas[0]?.runId);
    return { model: `similarity-${first?.model ?? ''}`, at: first?.at ?? new Date(0).toISOString() };
  }, [stored, deltas]);
  return (
    <ExportSubject value={subject}>
      <ChartFrame
        title="Cosine of deltas"
        unit="−1 to 1"
        testId="similarity-matrix"
        summary={summaryOf(cosines)}
        figures={() => ({
          columns: ['', ...deltas.map((_, i) => String(i + 1))],
          rows: cosines.map((row, i) => [
            `${i + 1} ${names[i]!.lane}, ${names[i]!.prompt}`,
            ...row.map(write),
          ]),
        })}
        data={() => ({
          columns: ['run', 'lane', 'step', 'norm', ...deltas.map(({ runId, lane }) => `${runId}/${lane}`)],
          rows: deltas.map(({ runId, lane, step, norm }, i) => [runId, lane, step, norm, ...cosines[i]!]),
        })}
      >
        <MatrixTable similarity={similarity} names={names} />
        <p className="similarity__meaning muted">{chanceOfCosines(hidden)}</p>
      </ChartFrame>
    </ExportSubject>
  );
}

interface Name {
  readonly prompt: string;
  readonly lane: string;
  readonly step: number;
  readonly at: string;
}

function MatrixTable({ similarity, names }: { similarity: Similarity; names: readonly Name[] }) {
  const { deltas, cosines } = similarity;
  return (
    <table className="similarity">
      <thead>
        <tr>
          <th scope="col">delta</th>
          <th scope="col">norm</th>
          {deltas.map(({ runId, lane }, i) => (
            <th key={`${runId}/${lane}`} scope="col">
              {i + 1}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {deltas.map(({ runId, lane, norm }, row) => {
          const name = names[row]!;
          return (
            <tr key={`${runId}/${lane}`}>
              <th
                scope="row"
                className="similarity__name"
                title={`${name.lane} of “${name.prompt}”, ${dateWords(name.at)}`}
              >
                {row + 1} {name.lane}{' '}
                <span className="muted">
                  step {name.step} · <span dir="auto">{name.prompt}</span>
                </span>
              </th>
              <td className="muted">{norm.toFixed(2)}</td>
              {cosines[row]!.map((value, column) => (
                <Cell key={`${deltas[column]!.runId}/${deltas[column]!.lane}`} value={value} />
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Cell({ value }: { value: number | null }) {
  const strength = `${Math.round(60 * Math.abs(value ?? 0))}%`;
  return (
    <td
      className="similarity__cell"
      data-side={(value ?? 0) < 0 ? 'down' : 'up'}
      style={{ '--strength': strength } as CSSProperties}
    >
      {write(value)}
    </td>
  );
}

function write(value: number | null): string {
  return value === null ? '–' : value.toFixed(2).replace('-', '−');
}

function summaryOf(cosines: Similarity['cosines']): string {
  const pairs = cosines.flatMap((row, i) => row.slice(i + 1)).filter((value) => value !== null);
  if (pairs.length === 0) return 'No two deltas can be held to each other.';
  const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  return `${pairs.length} pairs, from ${write(Math.min(...pairs))} to ${write(Math.max(...pairs))}, mean ${write(mean)}.`;
}

/** Adds a delta to those that a lane is given: of a stored run, or of a file. */
import { useEffect, useState } from 'react';
import { oneLine, type RunSummary, toFailure } from '../../engine/protocol';
import { dateWords } from '../run/run-words';
import type { TermDraft } from '../state/given-draft';
import { useAppState, useStudio } from '../state/studio-context';
import { FileButton } from '../ui/parts/file-button';
import { ChooseDelta, type OpenedFile } from './choose-delta';

/** Deltas that are offered: of the newest runs. */
const OFFERED = 60;

interface AddDeltaProps {
  readonly lane: string;
  readonly onAdd: (delta: TermDraft['given']) => void;
}

export function AddDelta({ lane, onAdd }: AddDeltaProps) {
  const { runs } = useStudio();
  const stored = useAppState((state) => state.storedRuns);
  const { problem, opened, open, addOfRun, addOfFile, close } = useAdding(onAdd);
  useEffect(() => {
    if (stored === null) void runs.refresh();
  }, [stored, runs]);
  const offered = (stored ?? []).flatMap(deltasOf).slice(0, OFFERED);
  return (
    <div className="lane-row__add-delta">
      <select
        data-testid={`given-run-${lane}`}
        aria-label={`Add a delta of a stored run to ${lane}`}
        value=""
        onChange={({ target }) => {
          const found = offered[Number(target.value)];
          if (found) void addOfRun(found.source);
        }}
      >
        <option value="" disabled>
          {offered.length > 0 ? 'Add a stored run’s delta…' : 'No stored run has a delta'}
        </option>
        {offered.map(({ source, words }, index) => (
          <option key={`${source.runId}/${source.lane}`} value={index}>
            {words}
          </option>
        ))}
      </select>
      <FileButton
        text="From file…"
        title="A delta in a safetensors file: the vectors exported with a run, or a float32 tensor of your own"
        label={`Delta file of ${lane}`}
        testId={`given-file-${lane}`}
        accept=".safetensors"
        onFiles={([file]) => file && void open(file)}
      />
      {opened && (
        <ChooseDelta
          lane={lane}
          opened={opened}
          onAdd={(choice) => void addOfFile(opened.file, choice)}
          onCancel={close}
        />
      )}
      {problem && (
        <p className="field__problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Reads what is chosen; of a file with several deltas it is asked first which. */
function useAdding(onAdd: AddDeltaProps['onAdd']) {
  const { runs } = useStudio();
  const [problem, setProblem] = useState<string | null>(null);
  const [opened, setOpened] = useState<OpenedFile | null>(null);
  const trying = async (work: () => Promise<void>) => {
    try {
      await work();
      setProblem(null);
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      setProblem(`${message}. ${hint}`);
    }
  };
  const addOfRun = (source: Offered['source']) =>
    trying(async () => onAdd(await runs.delta({ kind: 'run', ...source })));
  const open = (file: File) =>
    trying(async () => {
      // What is chosen of one file is no choice of the next.
      setOpened(null);
      const { given, choices } = await runs.deltaOfFile(file);
      if (choices.length > 1 || choices.some(({ steps }) => steps > 1)) setOpened({ file, choices });
      else onAdd(given);
    });
  const addOfFile = (file: File, choice: { tensor: string; step: number }) =>
    trying(async () => {
      onAdd((await runs.deltaOfFile(file, choice)).given);
      setOpened(null);
    });
  return { problem, opened, open, addOfRun, addOfFile, close: () => setOpened(null) };
}

interface Offered {
  readonly source: { readonly runId: string; readonly lane: string };
  readonly words: string;
}

function deltasOf({ runId, lanes, prompt, at, outcome }: RunSummary): Offered[] {
  if (outcome === 'damaged') return [];
  return lanes
    .filter(({ steps, origin }) => steps > 0 && origin !== 'temperature')
    .map(({ name }) => ({
      source: { runId, lane: name },
      words: `${oneLine(name, 24)} · ${oneLine(prompt, 36)} · ${dateWords(at)}`,
    }));
}

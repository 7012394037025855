/** Several answers of each lane: what they come to, how they begin, and where they part. */
import { useMemo, useState } from 'react';
import { GenerationSettings, sampleSeed } from '../../engine/protocol';
import { isRunning, type LaneView } from '../run/run-view';
import { type Grouping, laneSamples } from '../run/samples';
import { laneTones, setupOf } from '../state/lanes';
import { useIsPage } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import { Segmented } from '../ui/parts/segmented';
import { count } from '../ui/text/format';
import { AnswerShares } from './answer-shares';
import { FirstTokens } from './first-tokens';
import type { ToneSamples } from './tone-samples';
import { TreeOfLane } from './tree-of-lane';
import './samples.css';

const GROUPINGS = [
  {
    value: 'final',
    text: 'final answer',
    title: 'What is boxed, else the number that is stated, else the text',
  },
  { value: 'text', text: 'whole text', title: 'Letter for letter' },
] as const;

export function SamplesPanel() {
  const lanes = useShownRun((run) => run.lanes);
  const samples = useShownRun((run) => run.config?.samples ?? 1);
  const [grouping, setGrouping] = useState<Grouping>('final');
  const generation = useShownRun((run) => run.config?.generation);
  const shown = useSamples(lanes, grouping, generation);
  if (samples === 1) return <OneAnswer hasRun={lanes.length > 0} />;
  return (
    <div className="samples" data-testid="samples-panel">
      <header className="samples__head">
        <Drawn samples={samples} lanes={lanes} />
        <Segmented
          label="Answers are the same by"
          value={grouping}
          choices={GROUPINGS}
          onChange={setGrouping}
        />
      </header>
      <AnswerShares lanes={shown} grouping={grouping} />
      <FirstTokens lanes={shown} />
      <TreeOfLane lanes={shown} />
    </div>
  );
}

const DRAWN_AS_IT_IS = GenerationSettings.parse({ temperature: 1 });

/** Worked out anew for the lanes that have changed alone. */
function useSamples(
  lanes: readonly LaneView[],
  grouping: Grouping,
  { temperature, topP }: GenerationSettings = DRAWN_AS_IT_IS,
): readonly ToneSamples[] {
  const [known] = useState(() => new Map<Grouping, WeakMap<LaneView, ToneSamples>>());
  return useMemo(() => {
    const tones = laneTones(
      lanes.map(({ name, settings }) => ({ ...setupOf(settings), name, branch: null })),
    );
    const cache = known.get(grouping) ?? new WeakMap<LaneView, ToneSamples>();
    known.set(grouping, cache);
    return lanes.map((lane, i) => {
      const samples = cache.get(lane) ?? {
        ...laneSamples(lane, grouping, { temperature, topP }),
        tone: tones[i] ?? 0,
      };
      cache.set(lane, samples);
      return samples;
    });
  }, [lanes, grouping, known, temperature, topP]);
}

function Drawn({ samples, lanes }: { readonly samples: number; readonly lanes: readonly LaneView[] }) {
  const generation = useShownRun((run) => run.config?.generation);
  const running = useShownRun(isRunning);
  if (!generation) return null;
  const { temperature, topP, seed } = generation;
  const ended = lanes.reduce((sum, lane) => sum + lane.samples.filter(({ end }) => end !== null).length, 0);
  const total = samples * lanes.length;
  const settings = `${samples} of each lane at temperature ${temperature}${topP < 1 ? `, top-p ${topP}` : ''}`;
  const seeds = `seeds ${seed} to ${sampleSeed(seed, samples - 1)}`;
  const missing = running ? `, ${ended} of ${total} so far` : `, ${ended} of ${total} drawn`;
  return (
    <p className="muted">
      {settings}, {seeds}
      {ended < total && missing}
    </p>
  );
}

function OneAnswer({ hasRun }: { readonly hasRun: boolean }) {
  const isPage = useIsPage();
  return (
    <div className="samples samples--empty" data-testid="samples-panel">
      <p>{hasRun ? 'This run has one answer of each lane.' : 'Samples of each lane show here.'}</p>
      {!isPage && (
        <p className="muted">
          In the settings, set Samples to {count(16, 'answer')} or so and a temperature above 0, and run the
          prompt: from one reading of the prompt and one delta, each lane writes as many, and you see what
          they come to, how they begin and where they part.
        </p>
      )}
    </div>
  );
}

/** What delta did to the vocabulary after the chosen step: most moved, table, heatmap and spread, all by one metric. */

import { useMemo } from 'react';
import type { Failure } from '../../engine/protocol';
import { METRIC_SOURCES, metricValues, type Sources } from '../run/vocabulary/metrics';
import { useAppState, useStudio } from '../state/studio-context';
import { VocabularyView } from '../state/vocabulary-state';
import { Problem } from '../ui/parts/problem';
import { Segmented } from '../ui/parts/segmented';
import { BarsView } from './bars-view';
import { FilterBox, ScopeSelect } from './filter-box';
import { Heatmap } from './heatmap';
import { MetricMeaning, MetricSelect } from './metric-picker';
import { ScaleDelta } from './scale-delta';
import { ShiftHistogram } from './shift-histogram';
import { useAnswer } from './use-answer';
import { useFilter, useMatcher } from './use-filter';
import { useGroups } from './use-groups';
import { useVocabulary, type Vocabulary } from './use-vocabulary';
import { VocabularyTable } from './vocabulary-table';
import './vocabulary.css';

const VIEWS: Readonly<Record<VocabularyView, string>> = {
  bars: 'Most moved',
  table: 'Table',
  heatmap: 'Heatmap',
  histogram: 'Spread',
};
const CHOICES = VocabularyView.options.map((value) => ({ value, text: VIEWS[value] }));

export function VocabularyPanel() {
  const vocabulary = useVocabulary();
  const view = useAppState((state) => state.vocabularyView);
  const metric = useAppState((state) => state.ranking);
  const { lane, tokens, columns, isCurrent, failure, watched } = vocabulary;
  const answer = useAnswer(vocabulary, view === 'table' || METRIC_SOURCES[metric] === 'position');
  const matcher = useMatcher(tokens);
  const groups = useGroups(matcher);
  const filter = useFilter(matcher, tokens?.length ?? 0, groups, watched);
  const { position, mass } = answer;
  const sources = useMemo<Sources>(
    () => ({ step: columns, position, answerMass: mass }),
    [columns, position, mass],
  );
  const values = metricValues(metric, sources);
  const shared = { vocabulary, metric, values, groups };

  return (
    <div className="vocabulary" data-view={view}>
      <PanelHead vocabulary={vocabulary} view={view} />
      <ScaleDelta vocabulary={vocabulary} />
      <div className="vocabulary__tools">
        {view !== 'table' && <MetricSelect />}
        <ScopeSelect groups={groups} />
        <FilterBox filter={filter} size={tokens?.length ?? null} />
      </div>
      {view !== 'table' && <MetricMeaning answer={answer} />}
      {failure && <ReadingProblem failure={failure} onRetry={vocabulary.retry} />}
      {view === 'bars' && <BarsView {...shared} filter={filter} />}
      {view === 'heatmap' && <Heatmap vocabulary={vocabulary} metric={metric} mask={filter.mask} />}
      {view === 'histogram' && <ShiftHistogram {...shared} />}
      {view === 'table' &&
        (tokens && columns ? (
          <VocabularyTable
            tokens={tokens}
            sources={sources}
            mask={filter.mask}
            matcher={matcher}
            answer={answer}
            isCurrent={isCurrent}
          />
        ) : (
          !failure && (
            <p className="chart__empty">
              {lane ? 'The table fills when SLOT is done.' : 'Run a prompt with SLOT first.'}
            </p>
          )
        ))}
    </div>
  );
}

function PanelHead({ vocabulary, view }: { vocabulary: Vocabulary; view: VocabularyView }) {
  const { store } = useStudio();
  const { lanes, lane, step, columns, isCurrent } = vocabulary;
  return (
    <div className="vocabulary__head">
      <Segmented
        label="View of the vocabulary"
        value={view}
        choices={CHOICES}
        onChange={(next) => store.setState({ vocabularyView: next })}
      />
      {lanes.length > 1 && lane && (
        <select
          aria-label="Lane whose shifts are shown"
          data-testid="shift-lane"
          value={lane.name}
          onChange={({ target }) => store.setState({ shiftLane: target.value })}
        >
          {lanes.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <span className="vocabulary__step muted" aria-busy={columns !== null && !isCurrent}>
        {lane && `step ${step}`}
      </span>
    </div>
  );
}

const ABSENT: ReadonlyMap<string, string> = new Map([
  ...['no-vectors', 'no-vocabulary'].map(
    (code) =>
      [
        code,
        'This run came without its vectors: shown is what its events list. Its safetensors file, imported in Runs or dropped onto the window, brings the whole vocabulary.',
      ] as const,
  ),
  [
    'not-embedded',
    'This page was made without the whole vocabulary: shown is what the events of the run list.',
  ],
]);

/** Nothing is wrong with a run of which only the events are here. */
function isNotKept({ code }: Failure): boolean {
  return ABSENT.has(code);
}

function ReadingProblem({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  if (isNotKept(failure)) {
    return (
      <p className="vocabulary__absent" data-testid="vocabulary-absent">
        {ABSENT.get(failure.code)}
      </p>
    );
  }
  return (
    <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="vocabulary-error">
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </Problem>
  );
}

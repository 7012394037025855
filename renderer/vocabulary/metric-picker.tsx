/** What tokens are ranked by: each choice with its meaning and formula, and what it needs to be known. */

import { METRIC_TEXTS } from '../run/vocabulary/metric-texts';
import { METRIC_SOURCES, Metric, type MetricSource } from '../run/vocabulary/metrics';
import { useAppState, useStudio } from '../state/studio-context';
import { AnswerNeeds } from './answer-needs';
import type { AnswerReadings } from './use-answer';

const SOURCES: readonly { readonly source: MetricSource; readonly label: string }[] = [
  { source: 'prompt', label: 'Over the prompt, at each step' },
  { source: 'answer', label: 'Over the answer, final delta' },
  { source: 'position', label: 'At one token of the answer, final delta' },
];

export function MetricSelect() {
  const { store } = useStudio();
  const metric = useAppState((state) => state.ranking);
  return (
    <select
      className="metric-select"
      aria-label="Rank tokens by"
      data-testid="metric"
      value={metric}
      onChange={({ target }) => store.setState({ ranking: Metric.parse(target.value) })}
    >
      {SOURCES.map(({ source, label }) => (
        <optgroup key={source} label={label}>
          {Metric.options
            .filter((each) => METRIC_SOURCES[each] === source)
            .map((each) => (
              <option key={each} value={each}>
                {METRIC_TEXTS[each].name}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}

export function MetricMeaning({ answer }: { answer: AnswerReadings }) {
  const metric = useAppState((state) => state.ranking);
  const { meaning, formula } = METRIC_TEXTS[metric];
  const source = METRIC_SOURCES[metric];
  return (
    <div className="metric-meaning" data-testid="metric-meaning">
      <p>
        {meaning} <span className="metric-meaning__formula">{formula}</span>
      </p>
      {source !== 'prompt' && <AnswerNeeds source={source} answer={answer} />}
    </div>
  );
}

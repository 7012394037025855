/** The tokens that moved most, beside the watched ones, those a search found, and the groups. */

import { type ComponentProps, useMemo } from 'react';
import { visibleToken } from '../../engine/protocol';
import { CurveChart } from '../charts/curve-chart';
import type { Curve } from '../run/curves';
import type { TokenGroup } from '../run/vocabulary/groups';
import { isStepMetric, type StepMetric, valuesByStep } from '../run/vocabulary/heatmap';
import { METRIC_TEXTS } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { rankEvent, rankVocabulary } from '../run/vocabulary/ranked';
import { useAppState } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import { grouped, withinSentence } from '../ui/text/format';
import { GroupsPanel } from './groups-panel';
import { ShiftBars } from './shift-bars';
import { TokenRows } from './token-rows';
import type { TokenFilter } from './use-filter';
import { useSeries } from './use-series';
import { scaledWords, type Vocabulary } from './use-vocabulary';
import './bars-view.css';

const MAX_FOUND = 50;
const MAX_CURVES = 8;

interface BarsViewProps {
  readonly vocabulary: Vocabulary;
  readonly metric: Metric;
  readonly values: Float32Array | null;
  readonly groups: readonly TokenGroup[];
  readonly filter: TokenFilter;
}

export function BarsView({ vocabulary, metric, values, groups, filter }: BarsViewProps) {
  const { tokens, event, step, watched, isCurrent } = vocabulary;
  const search = useAppState((state) => state.search);
  const most = useShownRun((run) => run.config?.listLength ?? 20);
  const ranked = useMemo(() => {
    // The event has the same figures of this very step; vectors that are still those of another one wait.
    const ofEvent = event && rankEvent(event, metric);
    if (!values || !tokens || step === 0 || (!isCurrent && ofEvent)) return step === 0 ? null : ofEvent;
    return rankVocabulary(values, tokens, filter.mask, most);
  }, [values, tokens, filter.mask, most, event, metric, step, isCurrent]);

  const found = useMemo(() => [...(filter.matches?.subarray(0, MAX_FOUND) ?? [])], [filter.matches]);
  const watchedIds = useMemo(() => watched.map(({ id }) => id), [watched]);
  const ids = useMemo(() => [...new Set([...watchedIds, ...found])], [watchedIds, found]);
  const series = useSeries(vocabulary, ids);
  const rows = { vocabulary, series, metric, values };

  return (
    <div className="bars-view">
      <ShiftBars
        ranked={ranked}
        metric={metric}
        empty={
          step === 0
            ? 'Before the first step delta is zero: no token has moved.'
            : event
              ? 'No figures of this metric yet.'
              : 'No figures for this step.'
        }
      />
      <div className="bars-view__side">
        {search !== '' && filter.matches && <FoundTokens {...rows} matches={filter.matches} ids={found} />}
        <WatchedTokens {...rows} ids={watchedIds} />
        <WatchedCurves vocabulary={vocabulary} series={series} metric={metric} />
        <GroupsPanel vocabulary={vocabulary} groups={groups} metric={metric} values={values} />
      </div>
    </div>
  );
}

type RowsProps = Omit<ComponentProps<typeof TokenRows>, 'testId' | 'label'>;

function FoundTokens({ matches, ...rows }: RowsProps & { matches: Uint32Array }) {
  const { ids } = rows;
  return (
    <section className="bars-view__section" aria-label="Found tokens">
      <h3>
        Found{' '}
        <span className="muted" data-testid="found-count">
          {matches.length === 0
            ? 'no token'
            : `${grouped(matches.length)}${matches.length > MAX_FOUND ? `, the first ${MAX_FOUND} listed` : ''}`}
        </span>
      </h3>
      {ids.length > 0 && <TokenRows {...rows} testId="found-tokens" label="Found tokens" />}
    </section>
  );
}

function WatchedTokens(rows: RowsProps) {
  const { ids } = rows;
  return (
    <section className="bars-view__section" aria-label="Watched tokens">
      <h3>
        Watched{' '}
        <span className="muted">
          {ids.length > 0 ? `exact values after step ${rows.vocabulary.step}` : ''}
        </span>
      </h3>
      {ids.length === 0 ? (
        <p className="muted bars-view__hint">
          Find a token above, or press ☆ beside any, to follow its exact values here and in every view.
        </p>
      ) : (
        <TokenRows {...rows} testId="watched-tokens" label="Watched tokens" />
      )}
    </section>
  );
}

type WatchedCurvesProps = Pick<RowsProps, 'vocabulary' | 'series' | 'metric'>;

function WatchedCurves({ vocabulary, series, metric }: WatchedCurvesProps) {
  const { watched, lane, step } = vocabulary;
  const curve: StepMetric = isStepMetric(metric) ? metric : 'centred';
  const curves = useMemo<readonly Curve[]>(
    () =>
      watched.slice(0, MAX_CURVES).flatMap(({ id, token }) => {
        const own = series.get(id);
        if (!own || !lane) return [];
        const points = valuesByStep(own, curve, lane.steps.length).flatMap((value, at) =>
          value === null ? [] : [{ step: at, value }],
        );
        return [{ lane: `${visibleToken(token, 20)} #${id}`, points }];
      }),
    [watched, series, lane, curve],
  );
  if (curves.length === 0) return null;
  return (
    <CurveChart
      title="Watched by step"
      unit={`${withinSentence(METRIC_TEXTS[curve].name)}, ${METRIC_TEXTS[curve].unit}${scaledWords(vocabulary)}`}
      testId="watched-chart"
      curves={curve === 'mass' ? inPoints(curves) : curves}
      selectedStep={step}
      lastStep={lane?.steps.length ?? 0}
      ended
    />
  );
}

function inPoints(curves: readonly Curve[]): Curve[] {
  return curves.map(({ lane, points }) => ({
    lane,
    points: points.map(({ step, value }) => ({ step, value: value * 100 })),
  }));
}

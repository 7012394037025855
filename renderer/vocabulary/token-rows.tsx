/** Chosen tokens with their exact figures: at the step that is shown, over all steps as a line, and each as a table. */

import { useId, useState } from 'react';
import { visibleToken } from '../../engine/protocol';
import {
  isStepMetric,
  STEP_METRICS,
  type StepMetric,
  type TokenSeries,
  valuesByStep,
} from '../run/vocabulary/heatmap';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { number, signed } from '../ui/text/format';
import { Sparkline } from './sparkline';
import type { Vocabulary } from './use-vocabulary';
import { WatchButton } from './watch-button';
import './token-rows.css';

interface TokenRowsProps {
  readonly ids: readonly number[];
  readonly vocabulary: Vocabulary;
  readonly series: ReadonlyMap<number, TokenSeries>;
  readonly metric: Metric;
  /** The metric's own values, where it is one of the answer. */
  readonly values: Float32Array | null;
  readonly testId: string;
  readonly label: string;
}

export function TokenRows({ ids, vocabulary, series, metric, values, testId, label }: TokenRowsProps) {
  return (
    <table className="token-rows" data-testid={testId} aria-label={label}>
      <thead>
        <tr>
          <th scope="col" className="token-rows__token">
            token
          </th>
          <th scope="col">by step</th>
          {STEP_METRICS.map((each) => (
            <th scope="col" key={each} title={METRIC_TEXTS[each].meaning}>
              {METRIC_TEXTS[each].short}
            </th>
          ))}
          {!isStepMetric(metric) && <th scope="col">{METRIC_TEXTS[metric].short}</th>}
        </tr>
      </thead>
      <tbody>
        {ids.map((id) => (
          <TokenRow
            key={id}
            id={id}
            vocabulary={vocabulary}
            own={series.get(id)}
            metric={metric}
            value={values ? (values[id] ?? Number.NaN) : null}
          />
        ))}
      </tbody>
    </table>
  );
}

interface TokenRowProps {
  readonly id: number;
  readonly vocabulary: Vocabulary;
  readonly own: TokenSeries | undefined;
  readonly metric: Metric;
  /** Of the metric itself; null until it is read. */
  readonly value: number | null;
}

function TokenRow({ id, vocabulary, own, metric, value }: TokenRowProps) {
  const [isOpen, setIsOpen] = useState(false);
  const detail = useId();
  const line: StepMetric = isStepMetric(metric) ? metric : 'centred';
  const token = vocabulary.tokens?.[id] ?? '';
  return (
    <>
      <tr>
        <th scope="row" className="token-rows__token">
          <WatchButton id={id} token={token} />
          <button
            type="button"
            className="token-rows__name mono"
            aria-expanded={isOpen}
            aria-controls={detail}
            title={`${visibleToken(token)} · id ${id}: all steps`}
            onClick={() => setIsOpen(!isOpen)}
          >
            <span aria-hidden="true" className="disclosure">
              {isOpen ? '▾' : '▸'}
            </span>
            {visibleToken(token, 24)}
          </button>
        </th>
        <td>{own && <Sparkline values={known(valuesByStep(own, line, stepsOf(vocabulary)))} />}</td>
        {STEP_METRICS.map((each) => (
          <td key={each}>{valueAt(own, each, vocabulary)}</td>
        ))}
        {!isStepMetric(metric) && <td>{value === null ? '·' : writeMetric(metric, value)}</td>}
      </tr>
      {isOpen && own && (
        <tr id={detail}>
          <td colSpan={STEP_METRICS.length + (isStepMetric(metric) ? 2 : 3)} className="token-rows__detail">
            <BySteps series={own} vocabulary={vocabulary} />
          </td>
        </tr>
      )}
    </>
  );
}

function stepsOf({ lane }: Vocabulary): number {
  return lane?.steps.length ?? 0;
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function valueAt(series: TokenSeries | undefined, metric: StepMetric, vocabulary: Vocabulary): string {
  const value = series && valuesByStep(series, metric, stepsOf(vocabulary))[vocabulary.step];
  return value === undefined || value === null ? '·' : writeMetric(metric, value);
}

/** One token, each step a row and each metric a column. */
function BySteps({ series, vocabulary }: { series: TokenSeries; vocabulary: Vocabulary }) {
  const columns = STEP_METRICS.map((metric) => valuesByStep(series, metric, stepsOf(vocabulary)));
  const probability = (step: number) => (step === 0 ? series.baseMeanP : series.meanP[step - series.first]);
  return (
    <div className="token-rows__steps">
      <table>
        <thead>
          <tr>
            <th scope="col">step</th>
            {STEP_METRICS.map((metric) => (
              <th scope="col" key={metric}>
                {METRIC_TEXTS[metric].short}
              </th>
            ))}
            <th scope="col">mean p, %</th>
          </tr>
        </thead>
        <tbody>
          {columns[0]?.map((_, step) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are steps, in order
            <tr key={step} className={step === vocabulary.step ? 'token-rows__current' : undefined}>
              <th scope="row">{step}</th>
              {columns.map((values, column) => {
                const metric = STEP_METRICS[column]!;
                const value = values[step];
                return (
                  <td key={metric}>
                    {value === null || value === undefined
                      ? 'not kept'
                      : metric === 'mass'
                        ? signed(value * 100, 4)
                        : writeMetric(metric, value)}
                  </td>
                );
              })}
              <td>{probability(step) === undefined ? '' : number((probability(step) ?? 0) * 100, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The paper's Figure 1 on one's own data: right answers and strict form over steps, with their intervals. */
import { useState } from 'react';
import { ChartFrame } from '../../charts/chart-frame';
import { share } from '../words';
import { PAPER, type StepSeries } from './series';
import { StepsPlot } from './steps-plot';

export function StepsChart({ series }: { series: readonly StepSeries[] }) {
  const [chosen, setChosen] = useState('');
  const [withPaper, setWithPaper] = useState(false);
  const shown = series.find(({ name }) => name === chosen) ?? series[0]!;
  const { points } = shown;
  const [first, last] = [points[0]!, points.at(-1)!];
  const rateOf = (point: typeof first) => share(point.graders[0]!.right.rate);
  return (
    <ChartFrame
      title="Accuracy and form"
      unit={series.length > 1 ? '' : shown.name}
      testId="steps-chart"
      summary={`Right answers from ${rateOf(first)} at ${first.lane.steps} steps to ${rateOf(last)} at ${last.lane.steps}; strict form from ${share(first.strict.rate)} to ${share(last.strict.rate)}.`}
      figures={() => figuresOf(points)}
      data={() => dataOf(points)}
      actions={
        <>
          {series.length > 1 && (
            <select
              className="steps-chart__series"
              aria-label="Curve"
              value={shown.name}
              onChange={({ target }) => setChosen(target.value)}
            >
              {series.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <button
            type="button"
            className="button button--quiet chart__action"
            aria-pressed={withPaper}
            title="Figure 1: Qwen2.5-7B on GSM8K"
            onClick={() => setWithPaper(!withPaper)}
          >
            paper's curve
          </button>
        </>
      }
    >
      <StepsPlot points={points} ghost={withPaper ? PAPER : null} />
    </ChartFrame>
  );
}

function figuresOf(points: StepSeries['points']) {
  return {
    columns: ['steps', 'right, %', '95 %', 'strict form, %', '95 % of it'],
    rows: points.map(({ lane, graders: [headline], strict }) => [
      String(lane.steps),
      ...[headline!.right, strict].flatMap(({ rate, lower, upper }) => [
        percent(rate),
        `${percent(lower)}–${percent(upper)}`,
      ]),
    ]),
  };
}

function dataOf(points: StepSeries['points']) {
  return {
    columns: ['steps', 'right', 'right lower', 'right upper', 'strict', 'strict lower', 'strict upper'],
    rows: points.map(({ lane, graders: [headline], strict }) => [
      lane.steps,
      ...[headline!.right, strict].flatMap(({ rate, lower, upper }) => [rate, lower, upper]),
    ]),
  };
}

function percent(rate: number): string {
  return (100 * rate).toFixed(1);
}

/** Where the watched tokens and each group's members stand under the histogram. */
import { visibleToken } from '../../engine/protocol';
import type { TokenGroup } from '../run/vocabulary/groups';
import { spreadOf } from '../run/vocabulary/histogram';
import { writeMetric } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import type { Vocabulary } from './use-vocabulary';

const LINE = 18;
const MAX_TICKS = 400;

interface HistogramMarksProps {
  readonly x: (value: number) => number;
  readonly vocabulary: Vocabulary;
  readonly groups: readonly TokenGroup[];
  readonly metric: Metric;
  readonly values: Float32Array;
}

export function HistogramMarks({ x, vocabulary, groups, metric, values }: HistogramMarksProps) {
  const { watched } = vocabulary;
  return (
    <ul className="marks" data-testid="histogram-marks">
      {watched.map(({ id, token }) => (
        <Marks
          key={id}
          label={`★ ${visibleToken(token, 16)}`}
          x={x}
          values={[values[id] ?? 0]}
          metric={metric}
        />
      ))}
      {groups
        .filter(({ ids }) => ids.length > 0)
        .map(({ name, ids }) => (
          <Marks key={name} label={name} x={x} values={ids.map((id) => values[id] ?? 0)} metric={metric} />
        ))}
    </ul>
  );
}

interface MarksProps {
  readonly label: string;
  readonly x: (value: number) => number;
  readonly values: readonly number[];
  readonly metric: Metric;
}

function Marks({ label, x, values, metric }: MarksProps) {
  const { mean } = spreadOf(values);
  const isOne = values.length === 1;
  return (
    <li className="marks__line">
      <svg width="100%" height={LINE} aria-hidden="true">
        <line className="marks__axis" x1="0" x2="100%" y1={LINE / 2} y2={LINE / 2} />
        {values.slice(0, MAX_TICKS).map((value, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ticks have no identity of their own
          <line key={index} className="marks__tick" x1={x(value)} x2={x(value)} y1={4} y2={LINE - 4} />
        ))}
        <path
          className={isOne ? 'marks__mean marks__mean--watched' : 'marks__mean'}
          d={`M ${x(mean)} 2 l 4 7 l -4 7 l -4 -7 z`}
        />
      </svg>
      <span className="marks__label">
        {label}{' '}
        <span className="muted">
          {isOne ? '' : 'mean '}
          {writeMetric(metric, mean)}
        </span>
      </span>
    </li>
  );
}

/** How a metric is spread over the whole vocabulary, with the watched tokens and the groups marked in it. */
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { ChartFrame } from '../charts/chart-frame';
import { useWidth } from '../charts/use-width';
import type { TokenGroup } from '../run/vocabulary/groups';
import { type Histogram, histogramOf } from '../run/vocabulary/histogram';
import { METRIC_TEXTS, writeMetric } from '../run/vocabulary/metric-texts';
import type { Metric } from '../run/vocabulary/metrics';
import { HistogramMarks } from './histogram-marks';
import type { Vocabulary } from './use-vocabulary';
import './histogram.css';
import { grouped, withinSentence } from '../ui/text/format';

const BINS = 90;
const HEIGHT = 190;
const TOP = 14;

interface ShiftHistogramProps {
  readonly vocabulary: Vocabulary;
  readonly groups: readonly TokenGroup[];
  readonly metric: Metric;
  readonly values: Float32Array | null;
}

export function ShiftHistogram({ vocabulary, groups, metric, values }: ShiftHistogramProps) {
  const [isLog, setLog] = useState(true);
  const histogram = useMemo(() => values && histogramOf(values, BINS), [values]);
  const { name, unit } = METRIC_TEXTS[metric];
  const write = (value: number) => writeMetric(metric, value);
  return (
    <ChartFrame
      title="Over the whole vocabulary"
      unit={`${withinSentence(name)}, ${unit}`}
      testId="histogram"
      summary={
        histogram
          ? `${name} of ${grouped(values?.length ?? 0)} tokens: mean ${write(histogram.mean)}, standard deviation ${write(histogram.sigma)}, from ${write(histogram.low)} to ${write(histogram.high)}.`
          : 'No figures yet.'
      }
      figures={() => ({
        columns: ['from', 'to', 'tokens'],
        rows: histogram
          ? binsOf(histogram).map(({ from, to, count }) => [write(from), write(to), String(count)])
          : [],
      })}
      data={() => ({
        columns: ['from', 'to', 'tokens'],
        rows: histogram ? binsOf(histogram).map(({ from, to, count }) => [from, to, count]) : [],
      })}
      actions={
        <button
          type="button"
          className="button button--quiet chart__action"
          aria-pressed={isLog}
          data-testid="log-count"
          onClick={() => setLog(!isLog)}
        >
          log count
        </button>
      }
    >
      {histogram && values ? (
        <Bins histogram={histogram} isLog={isLog} metric={metric}>
          {(x) => (
            <HistogramMarks x={x} vocabulary={vocabulary} groups={groups} metric={metric} values={values} />
          )}
        </Bins>
      ) : (
        <p className="chart__empty">
          {vocabulary.columns ? 'This metric has not been read yet.' : 'Fills when SLOT is done.'}
        </p>
      )}
    </ChartFrame>
  );
}

interface BinsProps {
  readonly histogram: Histogram;
  readonly isLog: boolean;
  readonly metric: Metric;
  readonly children: (x: (value: number) => number) => ReactNode;
}

function Bins({ histogram, isLog, metric, children }: BinsProps) {
  const holder = useRef<HTMLDivElement>(null);
  const width = useWidth(holder);
  const [told, setTold] = useState<number | null>(null);
  const { low, high, mean, sigma, counts } = histogram;
  const span = high - low || 1;
  const x = (value: number) => ((value - low) / span) * width;
  const bins = binsOf(histogram);
  const bin = told === null ? null : bins[told];
  const write = (value: number) => writeMetric(metric, value);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    setTold(Math.max(0, Math.min(BINS - 1, (told ?? Math.floor(BINS / 2)) + step)));
    event.preventDefault();
  };

  return (
    <div className="histogram" ref={holder}>
      <ToldBin bin={bin} histogram={histogram} write={write} />
      <svg
        width={width}
        height={HEIGHT}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        role="img"
        aria-label="Counts of tokens by value; left and right move between the bars"
        onKeyDown={onKeyDown}
        onPointerLeave={() => setTold(null)}
        onBlur={() => setTold(null)}
      >
        <rect
          className="histogram__sigma"
          x={x(Math.max(low, mean - sigma))}
          y={0}
          width={Math.max(0, x(Math.min(high, mean + sigma)) - x(Math.max(low, mean - sigma)))}
          height={HEIGHT}
        />
        <Bars counts={counts} width={width} isLog={isLog} told={told} onTell={setTold} />
        {low < 0 && high > 0 && <line className="histogram__zero" x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} />}
        <line className="histogram__mean" x1={x(mean)} x2={x(mean)} y1={0} y2={HEIGHT} />
      </svg>
      <HistogramAxis low={write(low)} high={write(high)} isLog={isLog} />
      {children(x)}
    </div>
  );
}

/** The bar that is pointed at, or what all values have in common. */
function ToldBin({ bin, histogram, write }: ToldBinProps) {
  const { low, high, mean, sigma } = histogram;
  return (
    <p className="histogram__told" role="status">
      {bin ? (
        <>
          {write(bin.from)} to {write(bin.to)}: <strong>{grouped(bin.count)}</strong>{' '}
          {bin.count === 1 ? 'token' : 'tokens'}
        </>
      ) : (
        <>
          mean <strong>{write(mean)}</strong> · σ <strong>{write(sigma).replace('+', '')}</strong> · from{' '}
          {write(low)} to {write(high)}
        </>
      )}
    </p>
  );
}

interface BarsProps {
  readonly counts: readonly number[];
  readonly width: number;
  readonly isLog: boolean;
  readonly told: number | null;
  readonly onTell: (index: number) => void;
}

function Bars({ counts, width, isLog, told, onTell }: BarsProps) {
  const most = Math.max(1, ...counts);
  const depth = (count: number) => (isLog ? Math.log1p(count) / Math.log1p(most) : count / most);
  return counts.map((count, index) => {
    const height = count === 0 ? 0 : Math.max(1, depth(count) * (HEIGHT - TOP));
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: bars stand in order
      <g key={index} onPointerEnter={() => onTell(index)}>
        <rect x={(index * width) / BINS} y={0} width={width / BINS} height={HEIGHT} fill="transparent" />
        <rect
          className={index === told ? 'histogram__bar histogram__bar--told' : 'histogram__bar'}
          x={(index * width) / BINS}
          y={HEIGHT - height}
          width={Math.max(1, width / BINS - 1)}
          height={height}
        />
      </g>
    );
  });
}

function HistogramAxis({ low, high, isLog }: { low: string; high: string; isLog: boolean }) {
  return (
    <div className="histogram__axis muted">
      <span>{low}</span>
      <span className="histogram__key">
        <i className="histogram__key-mean" /> mean <i className="histogram__key-sigma" /> ±σ
        {isLog ? ' · height: log of the count' : ' · height: count'}
      </span>
      <span>{high}</span>
    </div>
  );
}

interface ToldBinProps {
  readonly bin: Bin | null | undefined;
  readonly histogram: Histogram;
  readonly write: (value: number) => string;
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function binsOf({ low, high, counts }: Histogram): Bin[] {
  const width = (high - low) / counts.length;
  return counts.map((count, index) => ({ from: low + index * width, to: low + (index + 1) * width, count }));
}

/** A series as one small line; the figures stand beside it. */

const WIDTH = 54;
const HEIGHT = 16;

export function Sparkline({ values }: { values: readonly number[] }) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * (WIDTH - 2) + 1;
  const y = (value: number) => HEIGHT - 1 - ((value - low) / span) * (HEIGHT - 2);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} stroke="var(--line-strong)" />
      <polyline points={points} fill="none" stroke="var(--lane-1)" strokeWidth={1.5} />
    </svg>
  );
}

/** Every token's shift in A against its shift in B, with what stands out named. */

import { useMemo, useState } from 'react';
import { oneLine, visibleToken } from '../../engine/protocol';
import { ChartFrame } from '../charts/chart-frame';
import { type ChartData, TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { METRIC_TEXTS } from '../run/vocabulary/metric-texts';
import { Segmented } from '../ui/parts/segmented';
import { count, number, signed } from '../ui/text/format';
import { MEASURES, type Measure, type TokenShifts } from './measures';
import { correlation, extremes, type Pairing, pairTokens, type Scatter, scatterOf } from './scatter';
import { ScatterPlot } from './scatter-plot';
import type { Side } from './side';
import { type SideShifts, useShifts } from './use-shifts';
import './scatter.css';

const IN_TABLE = 12;

export function ShiftScatter({ a, b, step }: { a: Side; b: Side; step: number }) {
  const [measure, setMeasure] = useState<Measure>('centred');
  const ofA = useShifts(a, step);
  const ofB = useShifts(b, step);
  const pairing = useMemo(
    () => ofA.shifts && ofB.shifts && pairTokens(ofA.shifts.tokens, ofB.shifts.tokens),
    [ofA.shifts, ofB.shifts],
  );
  const scatter = useMemo(() => {
    if (!pairing || !ofA.shifts || !ofB.shifts) return null;
    return scatterOf(pairing, ofA.shifts.tokens, ofA.shifts.values(measure), ofB.shifts.values(measure));
  }, [pairing, ofA.shifts, ofB.shifts, measure]);
  const r = useMemo(() => (scatter ? correlation(scatter) : null), [scatter]);
  const { unit, name: text } = METRIC_TEXTS[measure];
  const points = scatter?.tokens.length ?? 0;
  const rText = r === null ? 'r –' : `r = ${signed(r, 3)}`;

  return (
    <div className="compare-scatter">
      <ChartFrame
        title="Shift in A against B"
        unit={unit}
        testId="shift-scatter"
        summary={`${text} of ${count(points, 'token')} in A and in B: ${rText}. ${scatter ? namesOf(scatter) : ''}`}
        figures={() => figuresOf(scatter)}
        data={() => dataOf(scatter, pairing, ofA.shifts, ofB.shifts)}
      >
        <div className="compare-scatter__head">
          <span data-export="skip">
            <Segmented
              label="Measure of the shift"
              value={measure}
              choices={MEASURES}
              onChange={setMeasure}
            />
          </span>
          {points > 0 && <Correlation text={rText} points={points} />}
        </div>
        {points > 0 && scatter ? (
          <ScatterPlot
            scatter={scatter}
            unit={unit}
            measure={text}
            names={{ x: `A ${oneLine(a.lane.name)}`, y: `B ${oneLine(b.lane.name)}` }}
          />
        ) : (
          <p className="chart__empty">{whyEmpty(a, b, ofA, ofB)}</p>
        )}
      </ChartFrame>
      {remarks(pairing, ofA, ofB).map((remark) => (
        <p key={remark} className="compare-scatter__remark muted" data-testid="scatter-remark">
          {remark}
        </p>
      ))}
    </div>
  );
}

function Correlation({ text, points }: { text: string; points: number }) {
  return (
    <span data-testid="correlation" title="Pearson's correlation over the tokens drawn">
      <strong>{text}</strong> <span className="muted">over {count(points, 'token')}</span>
    </span>
  );
}

function whyEmpty(a: Side, b: Side, ofA: SideShifts, ofB: SideShifts): string {
  for (const side of [a, b]) {
    if (side.lane.steps.length === 0) return `${side.letter} took no step, so it shifts nothing.`;
  }
  if (ofA.isLoading || ofB.isLoading) return 'Reading the shifts…';
  return 'The two have no listed token in common.';
}

function remarks(pairing: ReturnType<typeof pairTokens> | null, ofA: SideShifts, ofB: SideShifts): string[] {
  const listed = [ofA, ofB].flatMap(({ shifts }, index) =>
    shifts && shifts.ids !== null ? [index === 0 ? 'A' : 'B'] : [],
  );
  const left = pairing?.by === 'text' ? pairing.leftOutA + pairing.leftOutB : 0;
  return [
    ...(listed.length > 0
      ? [
          `The vectors of ${listed.join(' and ')} are not kept here; drawn are the tokens that the events list.`,
        ]
      : []),
    ...(left > 0 && listed.length === 0
      ? [
          `The vocabularies differ: matched by text; ${count(pairing?.leftOutA ?? 0, 'token')} of A and ` +
            `${count(pairing?.leftOutB ?? 0, 'token')} of B are left out.`,
        ]
      : []),
  ];
}

function namesOf(scatter: Scatter): string {
  const shown = extremes(scatter, 1).map(
    (place) =>
      `${visibleToken(scatter.tokens[place] ?? '', 24)} ${signed(scatter.x[place] ?? 0)} in A, ${signed(scatter.y[place] ?? 0)} in B`,
  );
  return `Farthest out: ${shown.join('; ')}.`;
}

function figuresOf(scatter: Scatter | null) {
  const rows = scatter
    ? extremes(scatter, IN_TABLE).map((place) => {
        const [x, y] = [scatter.x[place] ?? 0, scatter.y[place] ?? 0];
        return [visibleToken(scatter.tokens[place] ?? '', 32), signed(x), signed(y), number(y - x)];
      })
    : [];
  return { columns: ['token (the farthest out)', 'A', 'B', 'B − A'], rows };
}

/** A token that is matched by its text has an id of its own on either side. */
function dataOf(
  scatter: Scatter | null,
  pairing: Pairing | null,
  a: TokenShifts | null,
  b: TokenShifts | null,
): ChartData {
  const idOf = (shifts: TokenShifts | null, places: Pairing['a'], place: number) => {
    const at = places?.[place] ?? place;
    return shifts?.ids?.[at] ?? at;
  };
  return {
    columns: [...TOKEN_COLUMNS, 'id in B', 'a', 'b'],
    rows: (scatter?.tokens ?? []).map((token, place) => [
      ...tokenCells(idOf(a, pairing?.a ?? null, place), token),
      idOf(b, pairing?.b ?? null, place),
      scatter?.x[place] ?? null,
      scatter?.y[place] ?? null,
    ]),
  };
}

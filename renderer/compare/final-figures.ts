/** What came out of two lanes, in figures. */
import type { LaneView, RunView } from '../run/run-view';
import { ENDS } from '../run/run-words';

export interface FigureLine {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  readonly a: number | null;
  readonly b: number | null;
}

type Figure = readonly [
  name: string,
  unit: string,
  digits: number,
  value: (lane: LaneView, view: RunView) => number | null,
];

const FIGURES: readonly Figure[] = [
  ['loss before', 'nats', 4, ({ slot, steps }) => slot?.initialLoss ?? steps[0]?.loss ?? null],
  ['loss after', 'nats', 4, ({ slot }) => slot?.finalLoss ?? null],
  ['loss change', 'nats', 4, ({ slot }) => (slot ? slot.finalLoss - slot.initialLoss : null)],
  ['‖delta‖', '', 3, ({ slot, steps }) => slot?.deltaNorm ?? steps.at(-1)?.deltaNorm ?? null],
  ['SLOT time', 'ms', 0, ({ slot }) => slot?.ms ?? null],
  ['time per step', 'ms', 1, ({ slot }) => (slot && slot.steps > 0 ? slot.ms / slot.steps : null)],
  ['matched temperature', '', 3, ({ temperature }) => temperature?.temperature ?? null],
  ['answer', 'tokens', 0, ({ tokens }) => tokens.length],
  [
    'speed',
    'tokens/s',
    1,
    ({ end }) => (end && end.ms > 0 && end.tokens > 1 ? (end.tokens / end.ms) * 1000 : null),
  ],
  ['mean log-prob.', 'nats', 3, (lane) => mean(lane, ({ logprob }) => logprob)],
  ['mean KL from base', 'nats', 4, (lane) => mean(lane, ({ kl }) => kl)],
  [
    'ranked otherwise by base',
    '%',
    1,
    (lane) => share(mean(lane, ({ baseRank, rank }) => Number(baseRank !== rank))),
  ],
  ['prefill', 'ms', 0, (_lane, { timings, reading }) => timings?.prefill ?? reading?.ms ?? null],
];

export function finalFigures(
  a: { lane: LaneView; view: RunView },
  b: { lane: LaneView; view: RunView },
): FigureLine[] {
  return FIGURES.map(([name, unit, digits, value]) => ({
    name,
    unit,
    digits,
    a: value(a.lane, a.view),
    b: value(b.lane, b.view),
  })).filter((line) => line.a !== null || line.b !== null);
}

export function endWords({ end, state, failure }: LaneView): string {
  if (failure) return 'failed';
  if (!end) return state === 'done' ? 'done' : 'cut short';
  return ENDS[end.reason];
}

function mean({ tokens }: LaneView, value: (token: LaneView['tokens'][number]) => number): number | null {
  if (tokens.length === 0) return null;
  return tokens.reduce((sum, token) => sum + value(token), 0) / tokens.length;
}

function share(part: number | null): number | null {
  return part === null ? null : part * 100;
}

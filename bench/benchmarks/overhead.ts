/** Events as a share of decoding: processor time of their JSON, sockets and charts over the time a token takes. */
import { spread } from '../measure';
import { type BenchModel, isLarge } from '../models/models';
import { atMost, figure, type Row } from '../report';
import { type Answers, pace } from './answers';
import { TRANSPORT } from './events';
import { WINDOW } from './screen';

/** @param rows of the events' parts that could be measured, milliseconds for each token */
export function overheadRows(model: BenchModel, { baseline }: Answers, rows: readonly Row[]): Row[] {
  const parts = rows.filter(({ what }) => what === TRANSPORT || what === WINDOW);
  const each = baseline.map((answered) => pace(answered));
  const sum = parts.reduce((total, part) => total + part.figure.median, 0);
  return [
    {
      what: `${model.name}: share of a token's decoding`,
      figure: figure('%', [(100 * sum) / spread(each).median]),
      target: isLarge(model) ? atMost(3) : undefined,
      measured: {
        token: figure('ms', each),
        ...Object.fromEntries(parts.map(({ what, figure: part }) => [what, part])),
      },
    },
  ];
}

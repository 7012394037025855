/** Why lanes part at a token: who chose what and by how much, both distributions, and what delta added to each candidate. */
import { adapts, oneLine, visibleToken } from '../../engine/protocol';
import { type Contest, contestAt, type LaneMargin, splitRows } from '../run/contest';
import { knownSplits } from '../run/divergence';
import { verdictOf } from '../run/verdict';
import { columnsOfTurn, type TurnColumn } from '../state/shown-chat';
import { useStudio } from '../state/studio-context';
import { useLanesOfTurn } from '../state/use-shown-chat';
import { number, percent, signed } from '../ui/text/format';
import { PairedChart } from './paired-chart';
import { TippedBy } from './tipped-by';
import './divergence-card.css';

const LISTED = 8;

export function DivergenceCard({ turn, index }: { turn: string; index: number }) {
  const { store } = useStudio();
  const lanes = useLanesOfTurn(turn);
  const split = knownSplits(lanes).find((each) => each.index === index);
  const contest = split && contestAt(lanes, split);
  if (!contest) return <p className="muted">A lane ended here while the other wrote on.</p>;
  const columns = columnsOfTurn(store.getState(), turn);
  const margins = contest.margins.flatMap((own) => {
    const column = columns[own.lane];
    return column ? [{ ...own, column }] : [];
  });
  const verdicts = margins.flatMap((own) => verdictOf(contest, own, own.column.lane.name) ?? []);
  const drawn = margins.some(({ column }) => column.view.temperature !== null);
  const hasBase = margins.some(({ column }) => isBase(column));
  const base = hasBase ? [] : [{ name: 'no delta', tone: null }];
  return (
    <div className="divergence-card" data-testid="divergence-card">
      <h3>
        The lanes part at token {index + 1}:{' '}
        <span className="mono">
          {contest.candidates.map(({ token }) => visibleToken(token, 16)).join(' or ')}
        </span>
      </h3>
      {verdicts.length > 0 && (
        <ul className="divergence-card__verdicts">
          {verdicts.map((verdict) => (
            <li key={verdict}>{verdict}</li>
          ))}
        </ul>
      )}
      <Standings contest={contest} margins={margins} />
      <PairedChart
        caption={`Most probable tokens at token ${index + 1}, in each lane`}
        series={[
          ...margins.map(({ column }) => ({
            name: column.lane.name,
            tone: isBase(column) ? null : column.tone,
          })),
          ...base,
        ]}
        rows={splitRows(lanes, contest, LISTED).map(({ id, token, probabilities, base: without }) => ({
          id,
          token,
          values: hasBase ? probabilities : [...probabilities, without],
          isChosen: contest.candidates.some((candidate) => candidate.id === id),
        }))}
      />
      <TippedBy contest={contest} columns={margins.map(({ column }) => column)} />
      <p className="muted token-card__note">
        {contest.sameState
          ? `The lanes read the same tokens up to here: without delta they have one distribution, and ${drawn ? 'delta, or the temperature that one draws at, parts' : 'delta alone parts'} them.`
          : 'The lanes have read different histories: their hidden states differ here, not delta alone.'}
      </p>
    </div>
  );
}

function isBase({ view }: TurnColumn): boolean {
  return !adapts(view.settings);
}

type NamedMargin = LaneMargin & { readonly column: TurnColumn };

function Standings({ contest, margins }: { contest: Contest; margins: readonly NamedMargin[] }) {
  const [a, b] = contest.candidates.map(({ token }) => visibleToken(token, 16));
  return (
    <table className="standings">
      <thead>
        <tr>
          <th scope="col">lane</th>
          <th scope="col">chose</th>
          <th scope="col">
            p <span className="mono">{a}</span>
          </th>
          <th scope="col">
            p <span className="mono">{b}</span>
          </th>
          <th scope="col" title={`ln p(${a}) − ln p(${b}): above 0 the first is ahead`}>
            margin
          </th>
          <th scope="col" title="The same margin without delta, at this lane's hidden state">
            without delta
          </th>
          <th scope="col" title="What delta added: the difference of the two logit shifts">
            delta moved
          </th>
        </tr>
      </thead>
      <tbody>
        {margins.map((own) => (
          <tr key={own.lane} data-lane={own.column.tone}>
            <th scope="row" className="standings__lane">
              {oneLine(own.column.lane.name)}
            </th>
            <td className="mono">
              {visibleToken(own.chosen.token, 16)}
              {own.wasForced ? ' (given)' : ''}
            </td>
            {own.logprobs.map((logprob, at) => (
              <td key={contest.candidates[at]?.id}>{logprob === null ? '–' : percent(Math.exp(logprob))}</td>
            ))}
            <td>{margin(own.margin)}</td>
            <td>{margin(own.baseMargin)}</td>
            <td className={own.flipped ? 'standings__tipped' : undefined}>
              {margin(own.moved)}
              {own.flipped && <span title="Delta turned the order of the two round"> ⇄</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function margin(value: number | null): string {
  return value === null ? '–' : Math.abs(value) < 1e-6 ? number(0) : signed(value);
}

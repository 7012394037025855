/** One token's figures under the lane's distribution and without delta, both at the same hidden state. */
import type { TokenEvent } from '../../engine/protocol';
import { number, percent, signed } from '../ui/text/format';
import type { PairedRow } from './paired-chart';
import './token-figures.css';

export function TokenFigures({ token }: { token: TokenEvent }) {
  return (
    <table className="token-figures">
      <thead>
        <tr>
          <td />
          <th scope="col">this lane</th>
          <th scope="col">without delta</th>
          <th scope="col">change</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">log-probability</th>
          <td>{number(token.logprob)}</td>
          <td>{number(token.baseLogprob)}</td>
          <td>{signed(token.logprob - token.baseLogprob)}</td>
        </tr>
        <tr>
          <th scope="row">probability</th>
          <td>{percent(Math.exp(token.logprob))}</td>
          <td>{percent(Math.exp(token.baseLogprob))}</td>
          <td />
        </tr>
        <tr>
          <th scope="row">rank</th>
          <td>{token.rank + 1}</td>
          <td>{token.baseRank + 1}</td>
          <td>{token.rank === token.baseRank ? '' : signed(token.baseRank - token.rank, 0)}</td>
        </tr>
        <tr>
          <th scope="row">entropy, nats</th>
          <td>{number(token.entropy)}</td>
          <td>{number(token.baseEntropy)}</td>
          <td>{signed(token.entropy - token.baseEntropy)}</td>
        </tr>
        <tr>
          <th scope="row">KL(lane ‖ without), nats</th>
          <td>{number(token.kl, 4)}</td>
          <td />
          <td />
        </tr>
      </tbody>
    </table>
  );
}

export function alternativeRows(token: TokenEvent, most: number): PairedRow[] {
  return token.top.slice(0, most).map(({ id, token: text, logprob, baseLogprob }) => ({
    id,
    token: text,
    values: [Math.exp(logprob), Math.exp(baseLogprob)],
    isChosen: id === token.id,
  }));
}

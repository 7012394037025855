/** How samples begin: the share of each first token beside the probability with which a draw takes it. */
import { type SampleNode, visibleToken } from '../../engine/protocol';
import { ChartExport } from '../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../export/csv';
import { sharedRows } from '../run/samples';
import { count } from '../ui/text/format';
import { type ShareRow, ShareTable } from './share-table';
import type { ToneSamples } from './tone-samples';

const SHOWN = 12;

export function FirstTokens({ lanes }: { readonly lanes: readonly ToneSamples[] }) {
  const all = sharedRows(
    lanes.map(({ tree }) => tree.next),
    (node) => String(firstOf(node).id),
  );
  const rows = all.slice(0, SHOWN).map(({ key, of }): ShareRow => {
    const node = of.find((each) => each !== undefined);
    const token = node ? firstOf(node).token : '';
    return {
      key,
      label: (
        <span className="mono" title={`${visibleToken(token)} · id ${key}`}>
          {visibleToken(token, 16)}
        </span>
      ),
      cells: lanes.map(({ lane, tone, tree, firstDraws }, i) => ({
        lane,
        tone,
        samples: of[i]?.samples.length ?? 0,
        of: tree.samples.length,
        mark: firstDraws.get(Number(key)),
      })),
    };
  });
  if (rows.length === 0) return null;
  return (
    <section className="samples__part samples__firsts" data-testid="sample-firsts" aria-label="First tokens">
      <ChartExport title="First tokens of samples" chart=".samples__firsts" data={() => dataOf(lanes)} />
      <h3>
        How they begin{' '}
        <span className="muted">
          bar: share of the samples; line: the model's own probability of a draw at this temperature
        </span>
      </h3>
      <ShareTable
        caption="Share of each first token, by lane"
        name="first token"
        beside="of a draw"
        rows={rows}
      />
      {all.length > SHOWN && (
        <p className="muted">and {count(all.length - SHOWN, 'rarer token')}: the CSV has all.</p>
      )}
    </section>
  );
}

function firstOf({ tokens }: SampleNode) {
  const [first] = tokens;
  if (!first) throw new Error('a branch without a token');
  return first;
}

function dataOf(lanes: readonly ToneSamples[]) {
  return {
    columns: ['lane', ...TOKEN_COLUMNS, 'samples', 'of', 'share', 'p of a draw', 'p', 'p without delta'],
    rows: lanes.flatMap(({ lane, tree, firstDraws }) =>
      tree.next.map((node) => {
        const { id, token, logprob, baseLogprob } = firstOf(node);
        const own = [Math.exp(logprob), Math.exp(baseLogprob)];
        const { length } = node.samples;
        const of = tree.samples.length;
        return [lane, ...tokenCells(id, token), length, of, length / of, firstDraws.get(id) ?? null, ...own];
      }),
    ),
  };
}

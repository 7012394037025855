/** What the samples come to: each answer with how often each lane gives it, and its texts on demand. */
import { useState } from 'react';
import { type AnswerGroup, oneLine, readableText } from '../../engine/protocol';
import { wilson } from '../../engine/statistics';
import { ChartExport } from '../export/chart-export';
import { type Grouping, sharedRows } from '../run/samples';
import { count } from '../ui/text/format';
import { type ShareRow, ShareTable } from './share-table';
import type { ToneSamples } from './tone-samples';

const SHOWN = 20;
const ENDS = {
  eos: 'end token',
  length: 'cut at the limit',
  stop: 'stop text',
  cancelled: 'cancelled',
} as const;

interface AnswerSharesProps {
  readonly lanes: readonly ToneSamples[];
  readonly grouping: Grouping;
}

export function AnswerShares({ lanes, grouping }: AnswerSharesProps) {
  const [open, setOpen] = useState<string | null>(null);
  const all = sharedRows(
    lanes.map(({ answers }) => answers),
    ({ text, by }) => `${by === 'text'} ${text}`,
  );
  const rows = all.slice(0, SHOWN).map(({ key, of }): ShareRow => {
    const group = of.find((each) => each !== undefined);
    const isOpen = open === key;
    return {
      key,
      label: <Answer group={group} isOpen={isOpen} onToggle={() => setOpen(isOpen ? null : key)} />,
      cells: lanes.map(({ lane, tone, ended }, i) => {
        const samples = of[i]?.samples.length ?? 0;
        return { lane, tone, samples, of: ended.length, interval: wilson(samples, ended.length) };
      }),
      more: isOpen && <Texts lanes={lanes} groups={of} />,
    };
  });
  return (
    <section className="samples__part samples__answers" data-testid="sample-answers" aria-label="Answers">
      <ChartExport title="Answers of samples" chart=".samples__answers" data={() => dataOf(lanes)} />
      <h3>
        What they come to{' '}
        <span className="muted">
          {grouping === 'final' ? 'boxed, else a number, else the text' : 'letter for letter'}; Wilson's
          interval at 95 %
        </span>
      </h3>
      {rows.length === 0 ? (
        <p className="muted">Fills as samples end.</p>
      ) : (
        <ShareTable
          caption="Share of each answer, by lane"
          name="answer"
          beside="95 % interval"
          rows={rows}
        />
      )}
      {all.length > SHOWN && (
        <p className="muted">and {count(all.length - SHOWN, 'rarer answer')}: the CSV has all.</p>
      )}
    </section>
  );
}

interface AnswerProps {
  readonly group: AnswerGroup | undefined;
  /** Its texts are shown. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Answer({ group, isOpen, onToggle }: AnswerProps) {
  const { text = '', by } = group ?? {};
  return (
    <button
      type="button"
      className="shares__toggle"
      aria-expanded={isOpen}
      title={by === 'text' ? 'the whole text' : `by what is ${by === 'boxed' ? 'boxed' : 'stated'}`}
      onClick={onToggle}
    >
      <span aria-hidden="true" className="disclosure">
        {isOpen ? '▾' : '▸'}
      </span>
      {oneLine(text, 120)}
    </button>
  );
}

function Texts({
  lanes,
  groups,
}: {
  lanes: readonly ToneSamples[];
  groups: readonly (AnswerGroup | undefined)[];
}) {
  return (
    <ul className="samples__texts">
      {lanes.flatMap(({ lane, tone, ended }, i) =>
        ended
          .filter(({ sample }) => groups[i]?.samples.includes(sample))
          .map(({ sample, seed, text, reason, tokens }) => (
            <li key={`${lane} ${sample}`} data-lane={tone}>
              <p className="muted">
                {oneLine(lane)}, sample {sample + 1}, seed {seed}: {count(tokens, 'token')}, {ENDS[reason]}
              </p>
              <p className="samples__text">{readableText(text)}</p>
            </li>
          )),
      )}
    </ul>
  );
}

function dataOf(lanes: readonly ToneSamples[]) {
  return {
    columns: ['lane', 'answer', 'taken from', 'samples', 'of', 'share', 'lower', 'upper'],
    rows: lanes.flatMap(({ lane, answers, ended }) =>
      answers.map(({ text, by, samples: { length } }) => {
        const { lower, upper } = wilson(length, ended.length);
        return [lane, text, by, length, ended.length, length / ended.length, lower, upper];
      }),
    ),
  };
}

/** The prompt's tokens, each with its loss before SLOT and at the chosen step: which parts were learned. */

import { useMemo, useState } from 'react';
import { describeTemplate, oneLine, visibleToken } from '../../../engine/protocol';
import { ChartExport } from '../../export/chart-export';
import { TOKEN_COLUMNS, tokenCells } from '../../export/csv';
import { mostLearned, type PromptLosses, promptLosses } from '../../run/prompt-losses';
import { useAppState } from '../../state/studio-context';
import { useAdaptations } from '../../state/use-adaptations';
import { useSelectedStep } from '../../state/use-selected-step';
import { useShownRun } from '../../state/use-shown-run';
import { count, number, signed } from '../../ui/text/format';
import { StripTokens } from './strip-tokens';

const MAX_NAMED = 6;

export function PromptStrip() {
  const lanes = useAdaptations();
  const chosen = useAppState((state) => state.shiftLane);
  const lane = lanes.find(({ name }) => name === chosen) ?? lanes[0] ?? null;
  const prompt = useShownRun(
    (run) => run.lanes.find(({ name }) => name === lane?.name)?.prompt ?? run.prompt,
  );
  const variables = useShownRun((run) => (run.config ? describeTemplate(run.config.template) : ''));
  const { step } = useSelectedStep();
  const [told, setTold] = useState<number | null>(null);
  const losses = useMemo(() => lane && promptLosses(lane, step), [lane, step]);
  const tokens = prompt?.tokens ?? null;
  if (!tokens) return null;
  return (
    <div className="prompt-strip" data-testid="prompt-strip">
      <div className="prompt-strip__title">
        <h2>
          Prompt{' '}
          <span className="muted" title={variables || undefined}>
            {count(tokens.length, 'token')}
            {variables && ` · ${oneLine(variables, 60)}`}
          </span>
        </h2>
        {losses && (
          <span className="prompt-strip__legend">
            loss <i className="prompt-strip__key" /> before
            <i className="prompt-strip__key prompt-strip__key--after" />{' '}
            {losses.step === step ? `after step ${step}` : `after step ${losses.step}; ${step} was not kept`}
          </span>
        )}
        {told === null ? (
          <MostLearned tokens={tokens} losses={losses} onTell={setTold} />
        ) : (
          <Told token={tokens[told] ?? ''} was={losses?.before[told - 1]} is={losses?.after[told - 1]} />
        )}
        <ChartExport
          title="Prompt loss by token"
          chart=".prompt-strip"
          data={() => ({
            columns: ['position', ...TOKEN_COLUMNS, 'loss before', `loss after step ${losses?.step ?? step}`],
            rows: tokens.map((token, at) => [
              at,
              ...tokenCells(prompt?.ids[at] ?? 0, token),
              losses?.before[at - 1] ?? null,
              losses?.after[at - 1] ?? null,
            ]),
          })}
        />
      </div>
      <StripTokens tokens={tokens} losses={losses} told={told} onTell={setTold} />
    </div>
  );
}

interface MostLearnedProps {
  readonly tokens: readonly string[];
  readonly losses: PromptLosses | null;
  readonly onTell: (position: number) => void;
}

function MostLearned({ tokens, losses, onTell }: MostLearnedProps) {
  const learned = useMemo(() => (losses ? mostLearned(tokens, losses, MAX_NAMED) : []), [tokens, losses]);
  if (learned.length === 0) return null;
  return (
    <span className="prompt-strip__learned" data-testid="most-learned">
      most learned
      {learned.map(({ position, token, before, after }) => (
        <button
          key={position}
          type="button"
          className="prompt-strip__chip"
          title={`loss ${number(before)} → ${number(after)}`}
          onClick={() => onTell(position)}
        >
          <span className="mono">{visibleToken(token, 14)}</span> {signed(after - before, 2)}
        </button>
      ))}
    </span>
  );
}

/** Of the token that is pointed at; losses are undefined where nothing comes before it. */
function Told({ token, was, is }: { token: string; was: number | undefined; is: number | undefined }) {
  return (
    <span className="prompt-strip__told" role="status" data-testid="prompt-told">
      <span className="mono">{visibleToken(token, 24)}</span>{' '}
      {was === undefined || is === undefined ? (
        'not predicted: nothing comes before it'
      ) : (
        <>
          loss {number(was)} → {number(is)} <strong>({signed(is - was)})</strong>
        </>
      )}
    </span>
  );
}

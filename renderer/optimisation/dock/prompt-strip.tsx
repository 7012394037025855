/** The prompt's tokens, each with its loss before SLOT and at the chosen step: which parts were learned. */

import { useCallback, useMemo, useState } from 'react';
import {
  describeTemplate,
  oneLine,
  readScope,
  type SlotExplained,
  type SlotScope,
  visibleToken,
} from '../../../engine/protocol';
import { UnscaledNote } from '../../charts/unscaled-note';
import { ChartExport } from '../../export/chart-export';
import { type ChartData, TOKEN_COLUMNS, tokenCells } from '../../export/csv';
import { type PromptLosses, promptLosses } from '../../run/prompt-losses';
import { partsOf } from '../../run/prompt-parts';
import { type Brush, brushed, scopeWords, type TokenScope, tokenScope } from '../../run/prompt-scope';
import type { PromptView } from '../../run/run-view';
import { useAppState, useStudio } from '../../state/studio-context';
import { newToast } from '../../state/toast';
import { useAdaptations } from '../../state/use-adaptations';
import { useSelectedStep } from '../../state/use-selected-step';
import { useShownRun } from '../../state/use-shown-run';
import { count, signed } from '../../ui/text/format';
import { Explained, MostLearned, ScopeLegend, Told } from './strip-title';
import { StripTokens } from './strip-tokens';
import './prompt-strip.css';

export function PromptStrip() {
  const { store } = useStudio();
  const { lane, prompt, variables, scope, explained } = useSubject();
  const chosen = useAppState((state) => state.explained);
  const subject = explained.find(({ id }) => id === chosen?.id);
  const parts = useMemo(() => chosen && partsOf(subject, chosen.by), [subject, chosen]);
  const { step } = useSelectedStep();
  const onChoose = useChoice(lane?.name ?? null, prompt?.tokens.length ?? 0);
  const [told, setTold] = useState<number | null>(null);
  const losses = useMemo(() => lane && promptLosses(lane, step), [lane, step]);
  if (!prompt) return null;
  const { tokens } = prompt;
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
        {scope && <ScopeLegend scope={scope} />}
        {explained.length > 0 && (
          <Explained
            explained={explained}
            chosen={parts && chosen}
            onChoose={(explained) => store.setState({ explained })}
          />
        )}
        {told === null ? (
          <MostLearned tokens={tokens} losses={losses} onTell={setTold} />
        ) : (
          <Told
            token={tokens[told] ?? ''}
            place={told + 1}
            was={losses?.before[told - 1]}
            is={losses?.after[told - 1]}
            words={toldWords(scope, parts ? subject : undefined, told)}
          />
        )}
        <UnscaledNote isShort />
        <ChartExport
          title="Prompt loss by token"
          chart=".prompt-strip"
          data={() => dataOf(prompt, losses, scope, step)}
        />
      </div>
      <StripTokens {...{ tokens, losses, scope, parts, told, onChoose }} onTell={setTold} />
    </div>
  );
}

/** The lane whose losses are shown, and the prompt that it read. */
function useSubject() {
  const lanes = useAdaptations();
  const chosen = useAppState((state) => state.shiftLane);
  const lane = lanes.find(({ name }) => name === chosen) ?? lanes[0] ?? null;
  const prompt = useShownRun(
    (run) => run.lanes.find(({ name }) => name === lane?.name)?.prompt ?? run.prompt,
  );
  const variables = useShownRun((run) => (run.config ? describeTemplate(run.config.template) : ''));
  const scope = useShownRun((run) => run.lanes.find(({ name }) => name === lane?.name)?.scope ?? null);
  const explained = useShownRun(
    (run) => run.lanes.find(({ name }) => name === lane?.name)?.explained ?? NONE,
  );
  return { lane, prompt, variables, scope, explained };
}

/** Tokens to learn from when the lane runs again. */
function useChoice(lane: string | null, tokens: number) {
  const { store, chat } = useStudio();
  return useCallback(
    (brush: Brush, isAdded: boolean) => {
      if (lane === null) return;
      const draft = store.getState().lanes.find(({ name }) => name.trim() === lane);
      const before = readScope(draft?.learning.scope ?? '');
      const scope = brushed(brush, tokens, isAdded && !('problem' in before) ? before : null);
      if (scope) chat.setScope(lane, scope);
      else
        store.setState({ toast: newToast('problem', 'The first token is never predicted: choose others.') });
    },
    [store, chat, lane, tokens],
  );
}

const NONE: readonly SlotExplained[] = [];

function toldWords(scope: SlotScope | null, parts: SlotExplained | undefined, position: number): string {
  const part = parts?.contributions[position - 1];
  const without = parts?.without?.find(({ target }) => target === position - 1);
  const measured = without ? `, ${signed(without.shift)} learned without it` : '';
  const explained =
    parts && part !== undefined
      ? `adds ${signed(part)} to the shift ${signed(parts.shift)} of ${visibleToken(parts.token, 14)}${measured}`
      : '';
  return [scopeWords(tokenScope(scope, position)), explained].filter(Boolean).join(' · ');
}

function dataOf(
  { tokens, ids }: PromptView,
  losses: PromptLosses | null,
  scope: SlotScope | null,
  step: number,
): ChartData {
  const after = `loss after step ${losses?.step ?? step}`;
  return {
    columns: [
      ...['position', ...TOKEN_COLUMNS, 'loss before', after],
      ...(scope ? ['weight', 'weight held out'] : []),
    ],
    rows: tokens.map((token, at) => [
      at,
      ...tokenCells(ids[at] ?? 0, token),
      losses?.before[at - 1] ?? null,
      losses?.after[at - 1] ?? null,
      ...weightsOf(tokenScope(scope, at)),
    ]),
  };
}

function weightsOf(scope: TokenScope | null): number[] {
  return scope ? [scope.weight, scope.heldOut] : [];
}

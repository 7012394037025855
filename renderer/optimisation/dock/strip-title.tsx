/** What the strip says above its tokens: what is learned from, what was learned most, and the token pointed at. */
import { useMemo } from 'react';
import { type SlotExplained, type SlotScope, visibleToken } from '../../../engine/protocol';
import { mostLearned, type PromptLosses } from '../../run/prompt-losses';
import { type Explanation, type PartsBy, rankAgreement } from '../../run/prompt-parts';
import { number, signed } from '../../ui/text/format';

const MAX_NAMED = 6;

/** How many tokens count, beside how they are marked. */
export function ScopeLegend({ scope }: { scope: SlotScope }) {
  const learned = scope.weights.filter((weight) => weight > 0).length;
  const heldOut = scope.heldOut?.filter((weight) => weight > 0).length ?? 0;
  return (
    <span className="prompt-strip__legend" data-testid="scope-legend">
      <i className="prompt-strip__part" data-part="learned" /> {learned} learned from
      {heldOut > 0 && (
        <>
          <i className="prompt-strip__part" data-part="held-out" /> {heldOut} held out
        </>
      )}
    </span>
  );
}

interface MostLearnedProps {
  readonly tokens: readonly string[];
  readonly losses: PromptLosses | null;
  readonly onTell: (position: number) => void;
}

export function MostLearned({ tokens, losses, onTell }: MostLearnedProps) {
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

interface ToldProps {
  readonly token: string;
  /** From 1 on, as scopes name it. */
  readonly place: number;
  readonly was: number | undefined;
  readonly is: number | undefined;
  readonly words: string;
}

/** Of the token that is pointed at; losses are undefined where nothing comes before it. */
export function Told({ token, place, was, is, words }: ToldProps) {
  return (
    <span className="prompt-strip__told" role="status" data-testid="prompt-told">
      <span className="muted">{place}</span> <span className="mono">{visibleToken(token, 24)}</span>{' '}
      {was === undefined || is === undefined ? (
        'not predicted: nothing comes before it'
      ) : (
        <>
          loss {number(was)} → {number(is)} <strong>({signed(is - was)})</strong>
          {words && ` · ${words}`}
        </>
      )}
    </span>
  );
}

interface ExplainedProps {
  readonly explained: readonly SlotExplained[];
  readonly chosen: Explanation | null;
  /** Null shows the change of loss again. */
  readonly onChoose: (chosen: Explanation | null) => void;
}

/** Which token's shift the colours part among the prompt's tokens, and how. */
export function Explained({ explained, chosen, onChoose }: ExplainedProps) {
  const choices = explained.flatMap((subject) => choicesOf(subject));
  return (
    <select
      className="prompt-strip__explained"
      data-testid="explained"
      aria-label="What the colours of the prompt's tokens show"
      title="An estimate parts the steps as they were taken; leaving a token out takes them anew without it. ρ says how alike the two rank the tokens that were left out."
      value={chosen ? keyOf(chosen) : ''}
      onChange={({ target }) =>
        onChoose(choices.find(({ choice }) => keyOf(choice) === target.value)?.choice ?? null)
      }
    >
      <option value="">colour: change of loss</option>
      {choices.map(({ choice, words }) => (
        <option key={keyOf(choice)} value={keyOf(choice)}>
          {words}
        </option>
      ))}
    </select>
  );
}

function keyOf({ id, by }: Explanation): string {
  return `${id} ${by}`;
}

function choicesOf(subject: SlotExplained): { choice: Explanation; words: string }[] {
  const { id, token, shift, without = [] } = subject;
  const words = `who taught ${visibleToken(token, 14)} ${signed(shift)}`;
  const choice = (by: PartsBy, how: string) => ({ choice: { id, by }, words: `${words}: ${how}` });
  const estimate = choice('estimate', 'estimate');
  if (without.length === 0) return [estimate];
  const agreement = rankAgreement(subject);
  const alike = agreement === null ? '' : `, ρ ${number(agreement, 2)}`;
  return [estimate, choice('left-out', `${without.length} left out${alike}`)];
}

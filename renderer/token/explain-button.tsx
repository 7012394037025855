/** Which prompt tokens taught delta to favour the pinned token: shown on the prompt's strip, asked for where it is not known. */
import type { TokenEvent } from '../../engine/protocol';
import { candidateOf } from '../run/contest';
import { explainObstacle } from '../state/chat/explain';
import { tokenAt } from '../state/shown-chat';
import { useAppState, useStudio } from '../state/studio-context';
import type { TokenRef } from '../state/token-ref';

export function ExplainButton({ pinned, token }: { pinned: TokenRef; token: TokenEvent }) {
  const { chat } = useStudio();
  const own = candidateOf(token);
  const isKnown = useAppState(
    (state) => tokenAt(state, pinned)?.view.explained.some(({ id }) => id === token.id) ?? false,
  );
  const isShown = useAppState((state) => isKnown && state.explained?.id === token.id);
  const obstacle = useAppState((state) => (isKnown ? null : explainObstacle(state, pinned, own.token)));
  const words = isKnown
    ? 'Colour the prompt’s tokens by what they added to this token’s shift'
    : 'Answers again the same way, and tells which prompt tokens taught delta to favour this token';
  return (
    <button
      type="button"
      className="button button--quiet"
      data-testid="explain-token"
      aria-pressed={isShown}
      disabled={obstacle !== null}
      title={obstacle ?? words}
      onClick={() => void chat.explain(pinned, own)}
    >
      Explain
    </button>
  );
}

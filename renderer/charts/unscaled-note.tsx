/** Says of charts that delta's slider does not reach that they show the run as it was. */
import { shownRun } from '../state/shown-run';
import { useAppState } from '../state/studio-context';
import { number } from '../ui/text/format';

/** @param isShort where a line has little room */
export function UnscaledNote({ isShort = false }: { readonly isShort?: boolean }) {
  const factor = useAppState((state) =>
    state.deltaScale?.runId === shownRun(state).runId ? (state.deltaScale?.factor ?? 1) : 1,
  );
  if (factor === 1) return null;
  const scale = `delta × ${number(factor, 1)}`;
  const whole = `Shown as the run learned and answered: ${scale} is tried under Vocabulary alone.`;
  if (isShort)
    return (
      <span className="muted" title={whole} data-testid="unscaled-note">
        as learned, not {scale}
      </span>
    );
  return (
    <p className="chart__unscaled muted" data-testid="unscaled-note">
      {whole}
    </p>
  );
}

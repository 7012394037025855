/** Says across the window that the engine is out of reach, does not answer or does not stop, and offers the way on. */
import { type EngineTrouble, engineTrouble } from '../state/engine-trouble';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { duration } from '../ui/text/format';
import { useNow } from './top-bar/use-now';

export function EngineBanner() {
  const { shell, control } = useStudio();
  const engine = useAppState((state) => state.engine);
  const restarting = useAppState((state) => state.restarting);
  if (restarting) return <Restarting />;
  if (engine.state === 'ready') return <SlowEngineBanner />;
  if (engine.state === 'connecting') return null;

  const restartable = engine.state === 'exited' || shell.name === 'electron';
  return (
    <div className="banner">
      {restartable ? (
        <Problem
          message={engine.detail === '' ? 'The engine stopped.' : engine.detail}
          hint="What you typed and what arrived so far is kept."
          testId="engine-banner"
        >
          <DiagnosticsButton />
          <RestartButton isPrimary={false} />
        </Problem>
      ) : (
        <Problem
          message="The connection to the engine is lost; trying again."
          hint="If it does not come back, start SLOT Studio again in its terminal. What you typed is kept."
          testId="engine-banner"
        >
          <button type="button" className="button" onClick={() => control.reconnect()}>
            Try now
          </button>
        </Problem>
      )}
    </div>
  );
}

function Restarting() {
  return (
    <div className="banner">
      <output className="notice" data-testid="engine-banner">
        <span className="notice__sign" aria-hidden="true">
          i
        </span>
        <span>Restarting the engine…</span>
      </output>
    </div>
  );
}

function DiagnosticsButton() {
  const { store } = useStudio();
  return (
    <button type="button" className="button" onClick={() => store.setState({ dialog: 'diagnostics' })}>
      Diagnostics
    </button>
  );
}

function RestartButton({ isPrimary }: { readonly isPrimary: boolean }) {
  const { control } = useStudio();
  return (
    <button
      type="button"
      className={isPrimary ? 'button button--primary' : 'button'}
      onClick={() => void control.restartEngine()}
    >
      Restart engine
    </button>
  );
}

/** Draws itself anew as time passes; nothing else in the window needs to. */
function SlowEngineBanner() {
  const { store } = useStudio();
  const silentSince = useAppState((state) => state.engine.silentSince);
  const cancelling = useAppState((state) => state.cancelling);
  const cancellingSince = useAppState((state) => state.cancellingSince);
  const patience = useAppState((state) => state.patience);
  const now = useNow(silentSince !== null || cancelling, silentSince ?? cancellingSince);
  const trouble = engineTrouble({ ...store.getState(), patience }, now);
  if (!trouble) return null;

  const wait = () => store.setState({ patience: trouble.morePatience });
  return (
    <div className="banner">
      <div
        className={trouble.isUrgent ? 'problem' : 'notice'}
        role={trouble.isUrgent ? 'alert' : 'status'}
        data-testid="engine-banner"
      >
        <span className={trouble.isUrgent ? 'problem__sign' : 'notice__sign'} aria-hidden="true">
          !
        </span>
        <p className="banner__text">
          <strong>{headline(trouble)}</strong> {/* Not announced: it changes every second. */}
          <span className="muted" aria-hidden="true">
            {wholeSeconds(trouble.forMs)}
          </span>{' '}
          {reason(trouble)} A restart ends what it does; what arrived and what you typed is kept.
        </p>
        <button type="button" className="button" onClick={wait}>
          Wait
        </button>
        <RestartButton isPrimary={trouble.isUrgent} />
      </div>
    </div>
  );
}

function headline({ kind, isUrgent }: EngineTrouble): string {
  if (kind === 'deaf') return 'The run was cancelled and has not stopped.';
  return isUrgent ? 'The engine does not hear the cancel.' : 'The engine does not answer.';
}

function reason({ kind, isUrgent, isOpening }: EngineTrouble): string {
  if (isUrgent || kind === 'deaf') return '';
  return isOpening
    ? 'It is opening the model, which can take long for a large one, or it hangs.'
    : 'It is busy with one long step, or it hangs.';
}

function wholeSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

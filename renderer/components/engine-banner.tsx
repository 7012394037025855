/** Says across the window that the engine is out of reach, and offers the way back. */

import { useAppState, useStudio } from './studio-context';
import { Problem } from './ui/problem';

export function EngineBanner() {
  const { shell, session } = useStudio();
  const engine = useAppState((state) => state.engine);
  if (engine.state === 'ready' || engine.state === 'connecting') return null;

  const restartable = engine.state === 'exited' || shell.restartEngine !== null;
  return (
    <div className="banner">
      {restartable ? (
        <Problem
          message={engine.detail === '' ? 'The engine stopped.' : engine.detail}
          hint="What you typed and what arrived so far is kept."
          testId="engine-banner"
        >
          <button type="button" className="button" onClick={() => void session.restartEngine()}>
            Restart engine
          </button>
        </Problem>
      ) : (
        <Problem
          message="The connection to the engine is lost; trying again."
          hint="If it does not come back, start SLOT Studio again in its terminal. What you typed is kept."
          testId="engine-banner"
        >
          <button type="button" className="button" onClick={() => session.reconnect()}>
            Try now
          </button>
        </Problem>
      )}
    </div>
  );
}

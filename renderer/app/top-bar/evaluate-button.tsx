/** The way to the evaluations and back, with how far the one at work is. */
import { useKeyWords } from '../../keys/use-keys';
import { useAppState, useStudio } from '../../state/studio-context';

export function EvaluateButton() {
  const { store } = useStudio();
  const keys = useKeyWords();
  const isOn = useAppState((state) => state.room === 'evaluate');
  const progress = useAppState(({ jobs }) => {
    const job = jobs?.find(({ state }) => state === 'running');
    return job && job.total > 0 ? `${Math.floor((100 * job.done) / job.total)} %` : null;
  });
  return (
    <button
      type="button"
      className="button button--quiet evaluate-button"
      data-testid="evaluate"
      aria-pressed={isOn}
      title={keys.titled(isOn ? 'Back to the workbench' : 'Ask a whole data set, in every lane', 'evaluate')}
      aria-keyshortcuts={keys.aria('evaluate')}
      onClick={() => store.setState({ room: isOn ? 'workbench' : 'evaluate' })}
    >
      Evaluate
      {progress !== null && <span className="evaluate-button__progress"> {progress}</span>}
    </button>
  );
}

/** What stands under the top bar: the workbench, or the evaluations while the workbench waits as it was left. */
import { Activity, type ReactNode } from 'react';
import { EvaluateView } from '../evaluate/evaluate-view';
import { useAppState } from '../state/studio-context';

export function Room({ workbench }: { workbench: ReactNode }) {
  const isEvaluate = useAppState((state) => state.room === 'evaluate');
  return (
    <>
      <Activity mode={isEvaluate ? 'hidden' : 'visible'}>{workbench}</Activity>
      {isEvaluate && <EvaluateView />}
    </>
  );
}

/** The strip at the bottom: the step that drives every view, and the prompt's own tokens. */
import { useShownRun } from '../../state/use-shown-run';
import { PromptStrip } from './prompt-strip';
import { StepSlider } from './step-slider';
import './dock.css';

export function Dock() {
  const idle = useShownRun((run) => run.phase === 'idle');
  if (idle) return null;
  return (
    <section className="dock" aria-label="Steps and prompt">
      <StepSlider />
      <PromptStrip />
    </section>
  );
}

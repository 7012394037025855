/** The left pane: the prompt, then every setting of a run. */
import { SettingsForm } from '../settings/settings-form';
import { PromptForm } from './prompt-form';
import './prompt.css';

export function PromptPane() {
  return (
    <section className="pane prompt-pane" aria-label="Prompt and settings">
      <PromptForm />
      <SettingsForm />
    </section>
  );
}

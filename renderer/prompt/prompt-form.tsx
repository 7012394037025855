/** System prompt and prompt, as a chat or as raw text. */

import { isRunning } from '../run/run-view';
import type { PromptKind } from '../state/draft';
import { openModelOf } from '../state/model-state';
import { inputId } from '../state/run-reasons';
import { useAppState, useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';
import { useShownRun } from '../state/use-shown-run';
import { Problem } from '../ui/parts/problem';
import { Segmented } from '../ui/parts/segmented';
import { exampleOf } from './examples';
import { ExamplesMenu } from './examples-menu';
import { PromptSetBar } from './prompt-set-bar';
import { PromptsMenu } from './prompts-menu';

const KINDS = [
  { value: 'chat', text: 'Chat', title: "The prompt goes through the model's chat template" },
  { value: 'raw', text: 'Raw', title: 'The text goes to the tokenizer as it is' },
] as const;

export function PromptForm() {
  const { store } = useStudio();
  const prompt = useAppState((state) => state.prompt);
  const kind = useAppState((state) => state.promptKind);
  const noTemplate = useAppState(({ model }) => openModelOf(model)?.hasChatTemplate === false);
  const failure = useShownRun((run) => (isRunning(run) ? null : run.failure));
  const problem = useDraftCheck().problems.get('prompt');
  const raw = kind === 'raw';
  const id = inputId('prompt');

  return (
    <div className="prompt-form" data-mark="prompt">
      <div className="prompt-form__bar">
        <Segmented
          label="Form of the prompt"
          value={kind}
          choices={KINDS}
          onChange={(promptKind) => store.setState({ promptKind })}
        />
        <span className="prompt-form__menus">
          <PromptsMenu />
          <ExamplesMenu />
        </span>
      </div>
      <PromptSetBar />
      {!raw && <SystemField />}
      <label className="prompt-form__label" htmlFor={id}>
        {raw ? 'Raw text' : 'Prompt'}
      </label>
      <textarea
        id={id}
        data-testid="prompt"
        dir="auto"
        rows={5}
        value={prompt}
        placeholder="A question, or pick an example above"
        aria-describedby={`${id}-help`}
        onChange={(event) => store.setState({ prompt: event.target.value })}
      />
      <p className="field__help" id={`${id}-help`}>
        {problem ?? helpOf(kind, noTemplate)}
      </p>
      {!raw && <LookFor />}
      {failure && isAboutPrompt(failure.code) && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="prompt-error" />
      )}
    </div>
  );
}

function SystemField() {
  const { store } = useStudio();
  const system = useAppState((state) => state.system);
  return (
    <label className="prompt-form__label">
      System prompt <span className="muted">optional</span>
      <textarea
        data-testid="system"
        dir="auto"
        rows={2}
        value={system}
        onChange={(event) => store.setState({ system: event.target.value })}
      />
    </label>
  );
}

/** While an example stands in the form as it is. */
function LookFor() {
  const example = useAppState(({ system, prompt }) => exampleOf(system, prompt));
  if (!example) return null;
  return (
    <p className="prompt-form__look" data-testid="look-for">
      <strong>Look for:</strong> {example.look}
    </p>
  );
}

function helpOf(kind: PromptKind, noTemplate: boolean): string {
  if (kind === 'raw')
    return 'Delta is fitted to every token of this text, or to those that a lane learns from.';
  if (noTemplate) return 'This model has no chat template: the text is run raw.';
  return 'Delta is fitted to every token of the templated prompt, or to those that a lane learns from.';
}

/** Failures that the prompt is the cause of are said beside it, besides in the results. */
function isAboutPrompt(code: string): boolean {
  return code.includes('prompt') || code.includes('context');
}

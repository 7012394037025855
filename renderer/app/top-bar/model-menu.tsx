/** Shows the open model and opens another one from a folder. */
import { Popover } from 'radix-ui';
import { useKeyWords } from '../../keys/use-keys';
import { type ModelState, modelFailureOf, openModelOf } from '../../state/model-state';
import { useAppState, useStudio } from '../../state/studio-context';
import { Problem } from '../../ui/parts/problem';
import { FolderForm, useTypedFolder } from './folder-form';
import { ModelFacts } from './model-facts';
import { ModelOptions } from './model-options';
import { PreparingNote } from './preparing-note';
import { RecentModels } from './recent-models';
import '../../ui/parts/popover.css';

export function ModelMenu() {
  const { store } = useStudio();
  const keys = useKeyWords();
  const chosen = useAppState((state) => state.model);
  const model = openModelOf(chosen);
  const failure = modelFailureOf(chosen);
  const [folder, setFolder] = useTypedFolder();
  return (
    <Popover.Root>
      <Popover.Trigger
        className="button model-button"
        data-testid="model"
        data-mark="model"
        title="Model: open another folder"
      >
        <ModelWords chosen={chosen} />
        <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Model"
          className="popover model-popover"
          align="start"
          sideOffset={5}
          collisionPadding={8}
        >
          <PreparingNote />
          {model && <ModelFacts model={model} />}
          <RecentModels />
          <FolderForm folder={folder} setFolder={setFolder} />
          <ModelOptions model={model} />
          <Popover.Close
            className="button"
            data-testid="all-models"
            title={keys.titled('On this machine and on the Hugging Face hub', 'models')}
            aria-keyshortcuts={keys.aria('models')}
            onClick={() => store.setState({ dialog: 'models' })}
          >
            All models…
          </Popover.Close>
          {failure && (
            <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="model-error" />
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ModelWords({ chosen }: { chosen: ModelState }) {
  const model = openModelOf(chosen);
  if (model) {
    return (
      <>
        <span className="model-button__id">{model.id}</span>
        <span className="muted">
          {model.dtype} · {model.projection}
        </span>
      </>
    );
  }
  if (chosen.state === 'failed') return <span className="down">! Model not open</span>;
  return <span className="muted">{chosen.state === 'opening' ? 'Opening model…' : 'No model open'}</span>;
}

/** Models that were open before, to open again as they were. */
import { Popover } from 'radix-ui';
import type { ModelDraft } from '../../state/draft';
import { useAppState, useStudio } from '../../state/studio-context';

export function RecentModels() {
  const { prompts } = useStudio();
  const recent = useAppState((state) => state.recentModels);
  const chosen = useAppState((state) => JSON.stringify(state.modelChoice));
  const others = recent.filter(({ choice }) => JSON.stringify(choice) !== chosen);
  if (others.length === 0) return null;
  return (
    <section aria-label="Open before" data-testid="recent-models">
      <h3>Open before</h3>
      <div className="model-popover__recent">
        {others.map((model) => (
          <Popover.Close
            key={JSON.stringify(model.choice)}
            className="button button--quiet"
            title={model.choice.folder || 'the starter model'}
            onClick={() => prompts.openModel(model)}
          >
            {model.id} <span className="muted">{recentWords(model)}</span>
          </Popover.Close>
        ))}
      </div>
    </section>
  );
}

function recentWords({
  dtype,
  choice,
}: {
  dtype: string;
  choice: Pick<ModelDraft, 'device' | 'server' | 'baselineServer'>;
}) {
  return [
    dtype,
    choice.device === 'cpu' ? '' : choice.device,
    choice.server ?? '',
    choice.baselineServer ?? '',
  ]
    .filter(Boolean)
    .join(' · ');
}

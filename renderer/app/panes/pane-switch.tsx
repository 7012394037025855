/** Which of the panes a narrow window shows. */

import { useAppState, useStudio } from '../../state/studio-context';
import { ShownPane } from '../../state/vocabulary-state';
import { Segmented } from '../../ui/parts/segmented';
import { usePaneWidths } from './use-pane-widths';

const NAMES: Readonly<Record<ShownPane, string>> = { prompt: 'Prompt', answers: 'Answers', charts: 'Charts' };
const CHOICES = ShownPane.options.map((value) => ({ value, text: NAMES[value] }));

export function PaneSwitch() {
  const { store } = useStudio();
  const { isNarrow } = usePaneWidths();
  const pane = useAppState((state) => state.shownPane);
  if (!isNarrow) return null;
  return (
    <div className="pane-switch" data-testid="pane-switch">
      <Segmented
        label="Pane"
        value={pane}
        choices={CHOICES}
        onChange={(shownPane) => store.setState({ shownPane })}
      />
    </div>
  );
}

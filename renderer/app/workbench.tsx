/** One prompt at a time: three panes, and the dock with the step that drives them. */
import { Composer } from '../chat/composer';
import { LanesPane } from '../chat/lanes/lanes-pane';
import { useKeys } from '../keys/use-keys';
import { Dock } from '../optimisation/dock/dock';
import { PromptPane } from '../prompt/prompt-pane';
import { StoredBanner } from '../runs/stored-banner';
import { useStudio } from '../state/studio-context';
import { TokenCard } from '../token/token-card';
import { ChartsPane } from './panes/charts-pane';
import { PaneSeparator } from './panes/pane-separator';
import { PaneSwitch } from './panes/pane-switch';
import { useShortcuts } from './use-shortcuts';

export function Workbench() {
  const { store } = useStudio();
  useShortcuts();
  useKeys({ evaluate: () => store.setState({ room: 'evaluate' }) });
  return (
    <>
      <div className="banners">
        <StoredBanner />
      </div>
      <PaneSwitch />
      <main className="workspace">
        <PromptPane />
        <PaneSeparator side="left" />
        <LanesPane composer={<Composer />} />
        <PaneSeparator side="right" />
        <ChartsPane />
      </main>
      <Dock />
      <TokenCard />
    </>
  );
}

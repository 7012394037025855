/** The whole window: bar, banner, three panes and the dock with the step that drives them. */

import { LanesPane } from '../chat/lanes/lanes-pane';
import { Dock } from '../optimisation/dock/dock';
import { PromptPane } from '../prompt/prompt-pane';
import { StoredBanner } from '../runs/stored-banner';
import { TokenCard } from '../token/token-card';
import { Dialogs } from './dialogs';
import { EngineBanner } from './engine-banner';
import { Palette } from './palette/palette';
import { ChartsPane } from './panes/charts-pane';
import { Frame } from './panes/frame';
import { PaneSeparator } from './panes/pane-separator';
import { PaneSwitch } from './panes/pane-switch';
import { TopBar } from './top-bar/top-bar';
import { useShortcuts } from './use-shortcuts';

export function App() {
  useShortcuts();
  return (
    <Frame>
      <TopBar />
      <div className="banners">
        <EngineBanner />
        <StoredBanner />
      </div>
      <PaneSwitch />
      <main className="workspace">
        <PromptPane />
        <PaneSeparator side="left" />
        <LanesPane />
        <PaneSeparator side="right" />
        <ChartsPane />
      </main>
      <Dock />
      <TokenCard />
      <Dialogs />
      <Palette />
    </Frame>
  );
}

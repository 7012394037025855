/** The whole window: bar, banner, three panes and the dock with the step that drives them. */
import { ChartsPane } from './charts/charts-pane';
import { Dock } from './dock/dock';
import { EngineBanner } from './engine-banner';
import { LanesPane } from './lanes/lanes-pane';
import { Palette } from './palette/palette';
import { Frame } from './panes/frame';
import { PaneSeparator } from './panes/pane-separator';
import { PaneSwitch } from './panes/pane-switch';
import { PromptPane } from './prompt/prompt-pane';
import { LibraryRoot } from './runs/library-root';
import { StoredBanner } from './runs/stored-banner';
import { TokenCard } from './token/token-card';
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
      <LibraryRoot />
      <Palette />
    </Frame>
  );
}

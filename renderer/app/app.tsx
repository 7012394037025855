/** The whole window: bar, banner, and the workbench or the evaluations under them. */

import { Dialogs } from './dialogs';
import { EngineBanner } from './engine-banner';
import { Palette } from './palette/palette';
import { Frame } from './panes/frame';
import { Room } from './room';
import { SpeedPanel } from './speed/speed-panel';
import { TopBar } from './top-bar/top-bar';
import { Tour } from './tour/tour';
import { Workbench } from './workbench';

export function App() {
  return (
    <Frame>
      <TopBar />
      <div className="banners">
        <EngineBanner />
      </div>
      <Room workbench={<Workbench />} />
      <Dialogs />
      <Palette />
      <Tour />
      <SpeedPanel />
    </Frame>
  );
}

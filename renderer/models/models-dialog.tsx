/** The model manager: what is on this machine, what the hub has, downloads, and beside them the card of one model. */
import { Dialog, Tabs } from 'radix-ui';
import { useAppState, useStudio } from '../state/studio-context';
import { DialogFrame } from '../toasts/dialog-frame';
import { count } from '../ui/text/format';
import { CardPane } from './card-pane';
import { Downloads } from './downloads';
import { HereTab } from './here-tab';
import { HubTab } from './hub-tab';
import './models.css';

export function ModelsDialog() {
  const { models } = useStudio();
  const tab = useAppState((state) => state.models.tab);
  const here = useAppState((state) => state.models.entries?.length);

  return (
    <DialogFrame className="models" testId="models">
      <Tabs.Root
        className="models__lists"
        value={tab}
        onValueChange={(next) => models.showTab(next === 'hub' ? 'hub' : 'here')}
      >
        <header className="models__head">
          <Dialog.Title className="sheet__title">Models</Dialog.Title>
          <Tabs.List className="models__tabs" aria-label="Where to look">
            <Tabs.Trigger className="models__tab" value="here">
              On this machine
              {here !== undefined && <span className="visually-hidden">, {count(here, 'model')}</span>}
              <span className="muted" aria-hidden="true">
                {here}
              </span>
            </Tabs.Trigger>
            <Tabs.Trigger className="models__tab" value="hub">
              Hugging Face hub
            </Tabs.Trigger>
          </Tabs.List>
        </header>
        <Tabs.Content className="models__content" value="here">
          <HereTab />
        </Tabs.Content>
        <Tabs.Content className="models__content" value="hub">
          <HubTab />
        </Tabs.Content>
        <Downloads />
      </Tabs.Root>
      <CardPane />
      <Dialog.Close className="button button--quiet models__close" aria-label="Close">
        ✕
      </Dialog.Close>
    </DialogFrame>
  );
}

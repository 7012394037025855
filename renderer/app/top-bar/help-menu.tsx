/** Where to go from here: commands and their keys, the tour, figures of speed, the documentation. */
import { DropdownMenu } from 'radix-ui';
import { DOCUMENTATION, TROUBLESHOOTING } from '../../../engine/protocol';
import type { Action } from '../../keys/keymap';
import { useKeyWords } from '../../keys/use-keys';
import { useStudio } from '../../state/studio-context';
import { startTour } from '../tour/marks';
import '../../ui/parts/popover.css';

export const HELP_ID = 'help';

export function HelpMenu() {
  const { store } = useStudio();
  const keys = useKeyWords();
  const read = (page: string) => () => void window.open(page, '_blank', 'noopener');
  const keyed = (text: string, action: Action) => [text, keys.of(action)].filter(Boolean).join(' · ');
  const items = [
    {
      title: 'Commands',
      text: keyed('Everything there is to do, by its name', 'palette'),
      act: () => store.setState({ showsPalette: true }),
    },
    { title: 'Tour', text: 'Five marks: what is where', act: () => startTour(store) },
    {
      title: 'Speed and memory',
      text: keyed('Tokens a second, and where the time goes', 'speed'),
      act: () => store.setState(({ showsSpeed }) => ({ showsSpeed: !showsSpeed })),
    },
    { title: 'Documentation', text: 'Opens in the browser', act: read(DOCUMENTATION) },
    { title: 'Errors by their codes', text: 'Opens in the browser', act: read(TROUBLESHOOTING) },
    {
      title: 'Diagnostics',
      text: 'Versions, folders and what went wrong',
      act: () => store.setState({ dialog: 'diagnostics' }),
    },
  ];
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger id={HELP_ID} className="button button--quiet" data-testid="help">
        Help <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {items.map(({ title, text, act }) => (
            <DropdownMenu.Item key={title} className="menu__item" onSelect={act}>
              <strong>{title}</strong>
              <span>{text}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Prompts that were asked before, and the way to a list of prompts. */
import { DropdownMenu } from 'radix-ui';
import { cut, oneLine } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import '../ui/parts/popover.css';

export function PromptsMenu() {
  const { store, prompts } = useStudio();
  const recent = useAppState((state) => state.recentPrompts);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button--quiet" data-testid="prompts">
        Prompts <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu menu--long" align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item className="menu__item" onSelect={() => store.setState({ dialog: 'prompts' })}>
            <strong>A list of prompts…</strong>
            <span>Pasted or from a file, to step through</span>
          </DropdownMenu.Item>
          <DropdownMenu.Label className="menu__label">
            {recent.length === 0 ? 'What you ask is listed here.' : 'Asked lately'}
          </DropdownMenu.Label>
          {recent.map((each) => (
            <DropdownMenu.Item
              key={`${each.promptKind} ${each.system} ${each.prompt}`}
              className="menu__item"
              onSelect={() => prompts.take(each)}
            >
              {oneLine(cut(each.prompt, 200), 60)}
              {each.system !== '' && <span>{oneLine(cut(each.system, 200), 60)}</span>}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

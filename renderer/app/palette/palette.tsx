/** The command palette: find anything the window can do by its name, and do it. */
import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useMemo } from 'react';
import { useKeys } from '../../keys/use-keys';
import { useAppState, useStudio } from '../../state/studio-context';
import type { StudioCommand } from './command';
import { studioCommands } from './commands';
import './palette.css';

export function Palette() {
  const studio = useStudio();
  const { store } = studio;
  const isOpen = useAppState((state) => state.showsPalette);
  // As things stand when it is opened.
  const commands = useMemo(() => (isOpen ? studioCommands(studio) : null), [isOpen, studio]);
  const close = () => store.setState({ showsPalette: false });

  useKeys({ palette: () => store.setState({ showsPalette: !isOpen }) });
  if (!commands) return null;
  const groups = [...new Set(commands.map(({ group }) => group))];
  const choose = (command: StudioCommand) => {
    close();
    command.run();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="palette" data-testid="palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Commands</Dialog.Title>
          <Command label="Commands" loop>
            <Command.Input className="palette__input" placeholder="What to do?" />
            <Command.List className="palette__list">
              <Command.Empty className="palette__empty">No such command.</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group} heading={group}>
                  {commands
                    .filter((command) => command.group === group)
                    .map((command) => (
                      <Command.Item
                        key={command.title}
                        className="palette__item"
                        value={command.title}
                        onSelect={() => choose(command)}
                      >
                        <span>{command.title}</span>
                        {command.keys && <kbd>{command.keys}</kbd>}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

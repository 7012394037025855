/** Fills in an example; what was typed before comes back with the browser's own undo or the entry on top. */
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { EXAMPLES, type Example } from './examples';
import '../ui/parts/popover.css';

export function ExamplesMenu() {
  const { store } = useStudio();
  const [replaced, setReplaced] = useState<Example | null>(null);
  const system = useAppState((state) => state.system);
  const prompt = useAppState((state) => state.prompt);

  const choose = (example: Example) => {
    const isOwn = prompt.trim() !== '' && !EXAMPLES.some((each) => each.prompt === prompt);
    if (isOwn) setReplaced({ title: 'Back to what was typed', look: prompt, system, prompt });
    store.setState({ system: example.system, prompt: example.prompt, promptKind: 'chat' });
  };

  const items = replaced ? [replaced, ...EXAMPLES] : EXAMPLES;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button button--quiet" data-testid="examples">
        Examples <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
          {items.map((example) => (
            <DropdownMenu.Item key={example.title} className="menu__item" onSelect={() => choose(example)}>
              <strong>{example.title}</strong>
              <span>{example.look}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

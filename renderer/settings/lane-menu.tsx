/** What can be done with one lane: the same menu in the left pane and on its column. */

import { DropdownMenu } from 'radix-ui';
import { MAX_LANES } from '../../engine/protocol';
import { isRunning } from '../run/run-view';
import type { LaneDraft } from '../state/lanes';
import { useAppState, useStudio } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import '../ui/parts/popover.css';

export function LaneMenu({ lane, index }: { lane: LaneDraft; index: number }) {
  const { chat } = useStudio();
  const amount = useAppState((state) => state.lanes.length);
  const running = useShownRun(isRunning);
  const last = useAppState((state) => state.conversation.turns.length - 1);
  const isAnswered = useAppState((state) => state.conversation.turns[last]?.answers[lane.id] !== undefined);
  const items = [
    {
      name: isAnswered ? 'Answer the last turn again' : 'Answer the last turn',
      disabled: running || last < 0,
      act: () => void chat.answer(last, [lane.id], 'same'),
    },
    {
      name: '… with a new seed',
      disabled: running || last < 0,
      act: () => void chat.answer(last, [lane.id], 'new'),
    },
    {
      name: 'Duplicate',
      disabled: amount >= MAX_LANES,
      act: () => chat.duplicateLane(lane.id),
    },
    { name: 'Move left', disabled: index === 0, act: () => chat.moveLane(lane.id, -1) },
    { name: 'Move right', disabled: index === amount - 1, act: () => chat.moveLane(lane.id, 1) },
    { name: 'Remove', disabled: amount === 1, act: () => chat.removeLane(lane.id) },
  ];
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="button button--quiet lane-menu"
        aria-label={`Lane ${lane.name}: more`}
        title="Answer again, duplicate, move, remove"
      >
        ⋯
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {items.map(({ name, disabled, act }) => (
            <DropdownMenu.Item key={name} className="menu__item" disabled={disabled} onSelect={act}>
              {name}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The lanes of a run: added from presets, each with its own name, steps, learning rate and preset. */

import { DropdownMenu } from 'radix-ui';
import { MAX_LANES } from '../../engine/protocol';
import { LANE_PRESETS, laneTones } from '../state/lanes';
import { useAppState, useStudio } from '../state/studio-context';
import { ControlsSwitch } from './controls-switch';
import { LaneRow } from './lane-row';
import { SettingsPart } from './settings-part';
import { UndoButtons } from './undo-buttons';
import '../ui/parts/popover.css';
import './lanes-editor.css';

export function LanesEditor() {
  const lanes = useAppState((state) => state.lanes);
  const tones = laneTones(lanes);
  return (
    <SettingsPart
      part="lanes"
      title="Lanes"
      className="lanes-editor"
      actions={
        <>
          <UndoButtons />
          <AddLaneMenu full={lanes.length >= MAX_LANES} />
        </>
      }
    >
      <ControlsSwitch />
      <ul className="lanes-editor__list">
        {lanes.map((lane, index) => (
          <LaneRow key={lane.id} lane={lane} index={index} tone={tones[index] ?? 0} />
        ))}
      </ul>
      <dl className="lanes-editor__terms field__help">
        <dt>Steps</dt>
        <dd>Updates of delta on the prompt; 0 leaves the model as it is. Reference: 5.</dd>
        <dt>lr</dt>
        <dd>AdamW's step size, in units of the hidden state. Reference: 0.1.</dd>
        <dt>Preset</dt>
        <dd>
          AdamW as in the reference (β₂ 0.999, ε 1e-5, mean gradient), or as in its vLLM runner (β₂ 0.95, ε
          1e-6, gradient divided by n−1 again).
        </dd>
        <dt>Delta</dt>
        <dd>
          SLOT's own, or a control that rules out another cause: its negative, a multiple of it, a random
          direction of its norm, another prompt's, the template's, or no delta and a temperature that gives
          SLOT's mean entropy. Centred leaves out what moves all logits together. A given one was learned
          before: of stored runs or files, added up with factors.
        </dd>
        <dt>Decay</dt>
        <dd>AdamW's weight decay, where it is not the preset's.</dd>
        <dt>Scope</dt>
        <dd>
          The prompt tokens whose loss delta lowers. A weight belongs to the token that is predicted. Drag
          over the prompt's tokens below to choose some.
        </dd>
        <dt>More</dt>
        <dd>
          AdamW's own numbers (the preset's where empty), SGD as a control, a random half of the tokens that
          only measures, and a bound on the mean KL from the model.
        </dd>
        <dt>Source</dt>
        <dd>SLOT, arXiv 2505.12392, and its reference code.</dd>
      </dl>
    </SettingsPart>
  );
}

function AddLaneMenu({ full }: { full: boolean }) {
  const { chat } = useStudio();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="button button--quiet"
        data-testid="add-lane"
        disabled={full}
        title={full ? `At most ${MAX_LANES} lanes` : 'Add a lane'}
      >
        + Lane <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {LANE_PRESETS.map(({ title, meaning, setup }) => (
            <DropdownMenu.Item key={title} className="menu__item" onSelect={() => chat.addLane(setup)}>
              <strong>{title}</strong>
              <span>{meaning}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** One switch for all controls of the SLOT lane. */
import { MAX_LANES, oneLine } from '../../engine/protocol';
import { controlsOfSlot } from '../state/lanes';
import { useAppState, useStudio } from '../state/studio-context';
import { count } from '../ui/text/format';

export function ControlsSwitch() {
  const { chat } = useStudio();
  const lanes = useAppState((state) => state.lanes);
  const { slot, missing } = controlsOfSlot(lanes);
  const isOn = slot !== null && missing.length === 0;
  const beyond = lanes.length + missing.length - MAX_LANES;
  const obstacle = slot
    ? beyond > 0 &&
      `At most ${MAX_LANES} lanes at once: ${count(missing.length, 'control')} beside ${count(lanes.length, 'lane')} are too many. Remove ${count(beyond, 'lane')} first.`
    : 'Controls are compared with SLOT, and no lane is: add one.';
  return (
    <div className="controls-switch">
      <label>
        <input
          type="checkbox"
          data-testid="with-controls"
          checked={isOn}
          disabled={Boolean(obstacle)}
          aria-describedby="controls-switch-help"
          onChange={({ target }) => chat.setControls(target.checked)}
        />{' '}
        With controls
      </label>
      <p className={obstacle ? 'field__reason' : 'field__help'} id="controls-switch-help">
        {obstacle ||
          `Of ${oneLine(slot?.name ?? '', 40)}: three random deltas, its negative, the template's, and a matched temperature.`}
      </p>
    </div>
  );
}

/** Settings of the window itself: its density and its keys. */
import { useAppState, useStudio } from '../state/studio-context';
import { Density } from '../state/window-state';
import { Field } from './field';
import { SettingsPart } from './settings-part';

export function WindowFields() {
  const { store } = useStudio();
  const letterKeys = useAppState((state) => state.letterKeys);
  const density = useAppState((state) => state.density);
  return (
    <SettingsPart part="window" title="Window and keyboard">
      <Field id="density" label="Density" help="How much space there is around things; their size stays.">
        <select
          id="density"
          data-testid="density"
          aria-describedby="density-help"
          value={density}
          onChange={({ target }) => store.setState({ density: Density.parse(target.value) })}
        >
          {Density.options.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </Field>
      <Field
        id="letter-keys"
        label="Single-letter keys"
        help="D, M, K, N, P, R, [ and ] act wherever nobody types. Off for speech input, or where a slip of the hand should do nothing."
      >
        <input
          id="letter-keys"
          type="checkbox"
          data-testid="letter-keys"
          aria-describedby="letter-keys-help"
          checked={letterKeys}
          onChange={({ target }) => store.setState({ letterKeys: target.checked })}
        />
      </Field>
    </SettingsPart>
  );
}

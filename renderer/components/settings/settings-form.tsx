/** Every setting of a run, each with its meaning and unit. */
import { PRESETS, Preset } from '../../../engine/protocol';
import type { GenerationDraft, LaneDraft } from '../../state/draft';
import { useAppState, useStudio } from '../studio-context';
import { Field } from './field';
import { GroupsEditor } from './groups-editor';
import { NumberField } from './number-field';
import './settings.css';

export function SettingsForm() {
  const { store } = useStudio();
  const lanes = useAppState((state) => state.slotLanes);
  const generation = useAppState((state) => state.generation);
  const listLength = useAppState((state) => state.listLength);

  const changeLane = (index: number, part: Partial<LaneDraft>) =>
    store.setState({
      slotLanes: lanes.map((lane, each) => (each === index ? { ...lane, ...part } : lane)),
    });
  const change = (part: Partial<GenerationDraft>) =>
    store.setState({ generation: { ...generation, ...part } });

  return (
    <>
      {lanes.map((lane, index) => (
        <fieldset key={lane.name} className="settings">
          <legend>SLOT{lanes.length > 1 && `: ${lane.name}`}</legend>
          <NumberField
            field="steps"
            id={`lanes.${index}.steps`}
            label="Steps"
            help="Updates of delta on the prompt. Reference: 5; at 0 delta stays zero."
            value={lane.steps}
            onChange={(steps) => changeLane(index, { steps })}
          />
          <NumberField
            field="lr"
            id={`lanes.${index}.lr`}
            label="Learning rate"
            help="AdamW's step size, in units of the hidden state. Reference: 0.1."
            value={lane.lr}
            onChange={(lr) => changeLane(index, { lr })}
          />
          <Field
            id={`lane-${index}-preset`}
            label="Preset"
            help={
              lane.preset === 'transformers'
                ? 'AdamW as in the reference: β₂ 0.999, ε 1e-5, gradient a mean over positions.'
                : 'AdamW as in the vLLM runner: β₂ 0.95, ε 1e-6, gradient divided by n−1 again.'
            }
          >
            <select
              id={`lane-${index}-preset`}
              data-testid="preset"
              value={lane.preset}
              onChange={(event) => changeLane(index, { preset: Preset.parse(event.target.value) })}
            >
              {PRESETS.map((preset) => (
                <option key={preset}>{preset}</option>
              ))}
            </select>
          </Field>
        </fieldset>
      ))}
      <fieldset className="settings">
        <legend>Answer, all lanes</legend>
        <NumberField
          field="maxNewTokens"
          label="Max new tokens"
          help="Longest answer, in tokens."
          value={generation.maxNewTokens}
          onChange={(maxNewTokens) => change({ maxNewTokens })}
        />
        <NumberField
          field="temperature"
          label="Temperature"
          help="0 takes the most probable token each time; higher draws more widely."
          value={generation.temperature}
          onChange={(temperature) => change({ temperature })}
        />
        <NumberField
          field="topP"
          label="Top-p"
          help="Draws among the most probable tokens that hold this share; 1 keeps all."
          value={generation.topP}
          onChange={(topP) => change({ topP })}
        />
        <NumberField
          field="seed"
          label="Seed"
          help="Same seed, same luck in every lane; without effect at temperature 0."
          value={generation.seed}
          onChange={(seed) => change({ seed })}
        />
        <Field
          id="ignore-eos"
          label="Ignore end token"
          help="Writes on to the limit even past the end of the answer."
        >
          <input
            id="ignore-eos"
            type="checkbox"
            data-testid="ignore-eos"
            checked={generation.ignoreEos}
            onChange={(event) => change({ ignoreEos: event.target.checked })}
          />
        </Field>
      </fieldset>
      <fieldset className="settings">
        <legend>Vocabulary</legend>
        <NumberField
          field="listLength"
          label="Listed tokens"
          help="Length of each list of boosted and suppressed tokens, per step."
          value={listLength}
          onChange={(value) => store.setState({ listLength: value })}
        />
        <GroupsEditor />
      </fieldset>
    </>
  );
}

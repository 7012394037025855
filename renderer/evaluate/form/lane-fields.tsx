/** The lanes: baseline and SLOT with one setting or many, as they are or as a sweep, with controls. */
import { Preset, SCOPE_NOTATION } from '../../../engine/protocol';
import { Field } from '../../settings/field';
import { Segmented } from '../../ui/parts/segmented';
import { count } from '../../ui/text/format';
import { LineField } from './line-field';
import type { DraftInHand } from './use-draft';

const MODES = [
  { value: 'lanes', text: 'Compare', title: 'All lanes answer all problems' },
  { value: 'sweep', text: 'Sweep', title: 'Every setting with every other; the best is chosen' },
] as const;

export function LaneFields({ hand }: { hand: DraftInHand }) {
  const { draft, change, config } = hand;
  const isSweep = draft.mode === 'sweep';
  return (
    <fieldset className="form-part">
      <legend>Lanes</legend>
      <Segmented label="What for" value={draft.mode} choices={MODES} onChange={(mode) => change({ mode })} />
      <LineField
        hand={hand}
        field="steps"
        label="Steps"
        help="One count, or many: 5, or 0..5, or 1, 3, 5. The baseline of 0 is always there."
      />
      <LineField hand={hand} field="lr" label="Learning rate" help="One, or many by commas: 0.01, 0.1, 1." />
      <PresetField hand={hand} />
      <LineField
        hand={hand}
        field="weightDecay"
        label="Weight decay"
        placeholder="preset's"
        help="AdamW's, in place of the preset's. One, or many by commas: 0, 0.1."
      />
      <LineField
        hand={hand}
        field="scope"
        label="Learns from"
        placeholder="whole prompt"
        help={`Tokens whose loss delta lowers: ${SCOPE_NOTATION}.`}
      />
      {isSweep ? (
        <label className="form-check">
          <input
            type="checkbox"
            checked={draft.halves}
            onChange={({ target }) => change({ halves: target.checked })}
          />
          Choose on one half of the problems, report once on the other
        </label>
      ) : (
        <Controls hand={hand} />
      )}
      {config && (
        <p className="field__help" data-testid="evaluation-lanes">
          {count(config.lanes.length, 'lane')}: {listed(config.lanes.map(({ name }) => name))}
        </p>
      )}
    </fieldset>
  );
}

function PresetField({ hand: { draft, change } }: { hand: DraftInHand }) {
  return (
    <Field id="evaluation-preset" label="Preset" help="As transformers or as the vLLM runner computes it.">
      <select
        id="evaluation-preset"
        value={draft.preset}
        aria-describedby="evaluation-preset-help"
        onChange={({ target }) =>
          change({ preset: target.value === 'both' ? 'both' : Preset.parse(target.value) })
        }
      >
        {Preset.options.map((preset) => (
          <option key={preset}>{preset}</option>
        ))}
        <option value="both">both, one after the other</option>
      </select>
    </Field>
  );
}

function Controls({ hand }: { hand: DraftInHand }) {
  const { draft, change } = hand;
  return (
    <>
      <label className="form-check">
        <input
          type="checkbox"
          data-testid="evaluation-controls"
          checked={draft.withControls}
          onChange={({ target }) => change({ withControls: target.checked })}
        />
        With controls
      </label>
      <p className="field__help">
        For each SLOT lane: three random deltas of the same norm, its negative, another problem's delta, the
        template's alone, the mean over other problems, and the temperature of the same entropy. Only where
        SLOT beats them may its effect be called sample-specific.
      </p>
      {draft.withControls && (
        <LineField
          hand={hand}
          field="meanOf"
          label="Mean over"
          placeholder="leave out"
          help="So many problems of the data set that are not asked; empty leaves that control out."
        />
      )}
    </>
  );
}

const SHOWN = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

/** Where one lane's delta comes from: SLOT itself, or a control; and AdamW's weight decay. */
import type { FieldId } from '../state/draft';
import { ORIGIN_KINDS, ORIGIN_TEXTS, type OriginDraft } from '../state/lane-origin';
import { changeLane, type LaneDraft } from '../state/lanes';
import { inputId } from '../state/run-reasons';
import { useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';
import { GivenDelta } from './given-delta';

interface LaneDeltaProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly problemId: string | undefined;
}

export function LaneDelta({ lane, index, problemId }: LaneDeltaProps) {
  const { store } = useStudio();
  const { origin } = lane;
  const change = (part: Partial<LaneDraft>) =>
    store.setState(({ lanes }) => ({ lanes: changeLane(lanes, lane.id, part) }));
  const changeOrigin = (part: Partial<OriginDraft>) => change({ origin: { ...origin, ...part } });
  const field = (part: OwnField) => ({ part, id: `lanes.${index}.${part}` as const, problemId });
  return (
    <>
      <div className="lane-row__settings">
        <select
          data-testid={`delta-${lane.name}`}
          aria-label={`Delta of ${lane.name}`}
          value={origin.kind}
          onChange={({ target }) => {
            const kind = ORIGIN_KINDS.find((each) => each === target.value);
            if (kind) changeOrigin({ kind });
          }}
        >
          {ORIGIN_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {ORIGIN_TEXTS[kind].title}
            </option>
          ))}
        </select>
        <OwnParameter field={field} lane={lane} onChange={changeOrigin} />
        {origin.kind !== 'given' && (
          <Figure
            {...field('weightDecay')}
            lane={lane}
            value={lane.weightDecay}
            onChange={(weightDecay) => change({ weightDecay })}
          />
        )}
      </div>
      {origin.kind === 'given' && (
        <GivenDelta {...field('given')} lane={lane} onChange={(given) => changeOrigin({ given })} />
      )}
      {origin.kind === 'prompts' && (
        <OtherPrompts
          {...field('others')}
          lane={lane}
          value={origin.others}
          onChange={(others) => changeOrigin({ others, kept: null })}
        />
      )}
    </>
  );
}

interface OwnParameterProps {
  readonly field: (part: OwnField) => Pick<FieldProps, 'id' | 'problemId'> & { readonly part: OwnField };
  readonly lane: LaneDraft;
  readonly onChange: (part: Partial<OriginDraft>) => void;
}

/** The number that a kind takes. */
function OwnParameter({ field, lane, onChange }: OwnParameterProps) {
  const { kind, seed, factor } = lane.origin;
  if (kind === 'random')
    return (
      <Figure {...field('seed')} lane={lane} value={seed} onChange={(text) => onChange({ seed: text })} />
    );
  if (kind !== 'scaled') return null;
  return (
    <Scale {...field('factor')} lane={lane} value={factor} onChange={(text) => onChange({ factor: text })} />
  );
}

type OwnField = 'seed' | 'factor' | 'given' | 'others' | 'weightDecay';

interface FieldProps {
  readonly id: FieldId;
  readonly problemId: string | undefined;
  readonly lane: LaneDraft;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const LABELS: Readonly<Record<OwnField, string>> = {
  seed: 'seed',
  factor: 'times',
  given: 'deltas',
  weightDecay: 'decay',
  others: 'prompt',
};

function Figure({ part, id, problemId, lane, value, onChange }: FieldProps & { readonly part: OwnField }) {
  const { problems } = useDraftCheck();
  return (
    <span className="lane-row__pair">
      <label htmlFor={inputId(id)}>{LABELS[part]}</label>
      <input
        id={inputId(id)}
        data-testid={`delta-${part}-${lane.name}`}
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        placeholder={part === 'weightDecay' ? 'auto' : undefined}
        value={value}
        aria-invalid={problems.has(id)}
        aria-describedby={problemId}
        onChange={({ target }) => onChange(target.value)}
      />
    </span>
  );
}

/** Most factors by a slider, all by their number. */
function Scale(props: FieldProps & { readonly part: OwnField }) {
  const { lane, value, onChange } = props;
  return (
    <>
      <Figure {...props} />
      <input
        type="range"
        className="lane-row__scale"
        data-testid={`scale-${lane.name}`}
        aria-label={`Scale of ${lane.name}'s delta`}
        min={-2}
        max={2}
        step={0.1}
        value={Number(value) || 0}
        onChange={({ target }) => onChange(target.value)}
      />
    </>
  );
}

function OtherPrompts({ id, problemId, lane, value, onChange }: FieldProps) {
  const { problems } = useDraftCheck();
  return (
    <div className="lane-row__others">
      <textarea
        id={inputId(id)}
        data-testid={`delta-others-${lane.name}`}
        dir="auto"
        rows={2}
        aria-label={`Other prompt of ${lane.name}; several, with lines of --- between them, give their mean delta`}
        placeholder="Another prompt; with --- lines between several, their mean"
        value={value}
        aria-invalid={problems.has(id)}
        aria-describedby={problemId}
        onChange={({ target }) => onChange(target.value)}
      />
    </div>
  );
}

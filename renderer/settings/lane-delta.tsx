/** Where one lane's delta comes from: SLOT itself, or a control; and AdamW's weight decay. */
import type { FieldId } from '../state/draft';
import { ORIGIN_KINDS, ORIGIN_TEXTS, type OriginDraft } from '../state/lane-origin';
import { changeLane, type LaneDraft } from '../state/lanes';
import { inputId } from '../state/run-reasons';
import { useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';

interface LaneDeltaProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly problemId: string | undefined;
}

export function LaneDelta({ lane, index, problemId }: LaneDeltaProps) {
  const { store } = useStudio();
  const { problems } = useDraftCheck();
  const { origin } = lane;
  const change = (part: Partial<LaneDraft>) =>
    store.setState(({ lanes }) => ({ lanes: changeLane(lanes, lane.id, part) }));
  const changeOrigin = (part: Partial<OriginDraft>) => change({ origin: { ...origin, ...part } });
  const field = (part: 'seed' | 'others' | 'weightDecay') => {
    const id: FieldId = `lanes.${index}.${part}`;
    return { id: inputId(id), 'aria-invalid': problems.has(id), 'aria-describedby': problemId };
  };
  const number = { inputMode: 'decimal', autoComplete: 'off', spellCheck: false } as const;
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
        {origin.kind === 'random' && (
          <>
            <label htmlFor={field('seed').id}>seed</label>
            <input
              {...field('seed')}
              {...number}
              data-testid={`delta-seed-${lane.name}`}
              value={origin.seed}
              onChange={({ target }) => changeOrigin({ seed: target.value })}
            />
          </>
        )}
        <label htmlFor={field('weightDecay').id}>decay</label>
        <input
          {...field('weightDecay')}
          {...number}
          data-testid={`decay-${lane.name}`}
          placeholder="preset"
          value={lane.weightDecay}
          onChange={({ target }) => change({ weightDecay: target.value })}
        />
      </div>
      {origin.kind === 'prompts' && (
        <textarea
          {...field('others')}
          className="lane-row__others"
          data-testid={`delta-others-${lane.name}`}
          dir="auto"
          rows={2}
          aria-label={`Other prompt of ${lane.name}; several, with lines of --- between them, give their mean delta`}
          placeholder="Another prompt; with --- lines between several, their mean"
          value={origin.others}
          onChange={({ target }) => changeOrigin({ others: target.value, kept: null })}
        />
      )}
    </>
  );
}

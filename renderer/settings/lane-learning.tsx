/** From which tokens a lane learns; and, folded away, by which optimiser and until when. */
import { useState } from 'react';
import {
  describeScope,
  OPTIMISERS,
  PRESET_SETTINGS,
  readScope,
  SCOPE_KINDS,
  type Scope,
} from '../../engine/protocol';
import type { FieldId } from '../state/draft';
import { changeLane, type LaneDraft } from '../state/lanes';
import { type LearningDraft, type LearningField, REFERENCE_LEARNING } from '../state/learning-draft';
import { inputId } from '../state/run-reasons';
import { useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';

interface LaneLearningProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly problemId: string | undefined;
}

const SCOPE_TITLES: Readonly<Record<Scope['kind'], string>> = {
  whole: 'whole prompt',
  user: 'user turns',
  'last-user': 'last user turn',
  'no-template': 'without template tokens',
  'no-system': 'without the system turn',
  from: 'from a token on',
  tokens: 'chosen tokens',
};

/** What stands in the field when a scope that has one is chosen. */
const FIRST_TEXTS = { from: 'from:2', tokens: 'tokens:2-' } as const;

export function LaneLearning({ lane, index, problemId }: LaneLearningProps) {
  const { store } = useStudio();
  const { problems } = useDraftCheck();
  const { learning } = lane;
  const change = (part: Partial<LearningDraft>) =>
    store.setState(({ lanes }) => ({
      lanes: changeLane(lanes, lane.id, { learning: { ...learning, ...part } }),
    }));
  const kind = SCOPE_KINDS.find((each) => learning.scope.split(':')[0] === each) ?? 'tokens';
  const isAdvanced =
    JSON.stringify({ ...learning, scope: '' }) !== JSON.stringify({ ...REFERENCE_LEARNING, scope: '' });
  const [isOpen, setOpen] = useState(isAdvanced);
  const field = { lane, index, problemId, change };
  const scope = readScope(learning.scope);
  return (
    <>
      <div className="lane-row__settings">
        <label htmlFor={`scope-${lane.id}`}>learns</label>
        <select
          id={`scope-${lane.id}`}
          data-testid={`scope-${lane.name}`}
          aria-label={`Scope of ${lane.name}`}
          title={'problem' in scope ? undefined : `The loss is taken over ${describeScope(scope)}`}
          value={kind}
          onChange={({ target }) => {
            const chosen = SCOPE_KINDS.find((each) => each === target.value) ?? 'whole';
            change({ scope: chosen === 'from' || chosen === 'tokens' ? FIRST_TEXTS[chosen] : chosen });
          }}
        >
          {SCOPE_KINDS.map((each) => (
            <option key={each} value={each}>
              {SCOPE_TITLES[each]}
            </option>
          ))}
        </select>
        {(kind === 'from' || kind === 'tokens') && (
          <Figure {...field} part="scope" label="tokens" isWide prefix={`${kind}:`} />
        )}
        <button
          type="button"
          className="button button--quiet"
          aria-expanded={isOpen}
          data-testid={`advanced-${lane.name}`}
          title="Optimiser, held-out half and limits"
          onClick={() => setOpen(!isOpen)}
        >
          more {isOpen ? '▴' : '▾'}
        </button>
      </div>
      {(isOpen || FIELDS.some((part) => problems.has(`lanes.${index}.${part}`))) && <Advanced {...field} />}
    </>
  );
}

const FIELDS = ['beta1', 'beta2', 'eps', 'half', 'klBudget'] as const;

interface PartProps extends LaneLearningProps {
  readonly change: (part: Partial<LearningDraft>) => void;
}

function Advanced(props: PartProps) {
  const { lane, change } = props;
  const { learning } = lane;
  const { betas, eps } = PRESET_SETTINGS[lane.preset];
  return (
    <div className="lane-row__settings lane-row__advanced" data-testid={`learning-${lane.name}`}>
      <select
        aria-label={`Optimiser of ${lane.name}`}
        title="SGD is a control: plain gradient descent, whose steps are far shorter at the same rate"
        value={learning.optimiser}
        onChange={({ target }) =>
          change({ optimiser: OPTIMISERS.find((each) => each === target.value) ?? 'adamw' })
        }
      >
        <option value="adamw">AdamW</option>
        <option value="sgd">SGD</option>
      </select>
      {learning.optimiser === 'adamw' && (
        <>
          <Figure {...props} part="beta1" label="β₁" placeholder={String(betas[0])} />
          <Figure {...props} part="beta2" label="β₂" placeholder={String(betas[1])} />
          <Figure {...props} part="eps" label="ε" placeholder={String(eps)} />
        </>
      )}
      <label className="lane-row__check">
        <input
          type="checkbox"
          checked={learning.half !== ''}
          onChange={({ target }) => change({ half: target.checked ? '0' : '', stopsEarly: false })}
        />
        hold out half
      </label>
      {learning.half !== '' && (
        <>
          <Figure {...props} part="half" label="seed" />
          <label className="lane-row__check">
            <input
              type="checkbox"
              checked={learning.stopsEarly}
              onChange={({ target }) => change({ stopsEarly: target.checked })}
            />
            stop when its loss rises
          </label>
        </>
      )}
      <Figure {...props} part="klBudget" label="KL budget" placeholder="none" />
    </div>
  );
}

interface FigureProps extends PartProps {
  readonly part: LearningField;
  readonly label: string;
  readonly placeholder?: string;
  readonly isWide?: boolean;
  /** That the field's text begins with, and the input leaves out. */
  readonly prefix?: string;
}

function Figure({
  lane,
  index,
  problemId,
  change,
  part,
  label,
  placeholder,
  isWide,
  prefix = '',
}: FigureProps) {
  const { problems } = useDraftCheck();
  const id: FieldId = `lanes.${index}.${part}`;
  return (
    <span className={isWide ? 'lane-row__pair lane-row__pair--wide' : 'lane-row__pair'}>
      <label htmlFor={inputId(id)}>{label}</label>
      <input
        id={inputId(id)}
        data-testid={`${isWide ? 'tokens' : part}-${lane.name}`}
        inputMode={isWide ? 'text' : 'decimal'}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={lane.learning[part].slice(prefix.length)}
        aria-invalid={problems.has(id)}
        aria-describedby={problemId}
        onChange={({ target }) => change({ [part]: prefix + target.value })}
      />
    </span>
  );
}

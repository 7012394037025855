/** One lane's name and settings, kept as typed and checked as typed. */
import { PRESETS, Preset, visibleToken } from '../../engine/protocol';
import type { FieldId } from '../state/draft';
import { changeLane, type LaneDraft } from '../state/lanes';
import { LEARNING_FIELD_NAMES } from '../state/learning-draft';
import { inputId } from '../state/run-reasons';
import { useAppState, useStudio } from '../state/studio-context';
import { useDraftCheck } from '../state/use-draft-check';
import { LaneDelta } from './lane-delta';
import { LaneLearning } from './lane-learning';
import { LaneMenu } from './lane-menu';

const PARTS = [
  'name',
  'steps',
  'lr',
  'weightDecay',
  'seed',
  'factor',
  'given',
  'others',
  ...LEARNING_FIELD_NAMES,
] as const;

interface LaneRowProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly tone: number;
}

export function LaneRow({ lane, index, tone }: LaneRowProps) {
  const { problems } = useDraftCheck();
  const isGiven = lane.origin.kind === 'given';
  const isBaseline = !isGiven && lane.steps.trim() !== '' && Number(lane.steps) === 0;
  const ids = PARTS.map((part): FieldId => `lanes.${index}.${part}`);
  const problem = ids.map((id) => problems.get(id)).find((each) => each !== undefined);
  const problemId = `lane-row-${lane.id}-problem`;

  const shared = { lane, index, describedBy: problem ? problemId : undefined };

  return (
    <li className="lane-row" data-lane={tone} data-testid={`lane-row-${lane.name}`}>
      <span className="lane-row__chip" aria-hidden="true" />
      <LaneInput {...shared} part="name" label="Name" />
      <LaneMenu lane={lane} index={index} />
      {lane.branch && <BranchNote branch={lane.branch} />}
      {!isGiven && (
        <div className="lane-row__settings">
          <label htmlFor={inputId(`lanes.${index}.steps`)}>steps</label>
          <LaneInput {...shared} part="steps" label="Steps" />
          {isBaseline ? (
            <span className="muted">no delta</span>
          ) : (
            <>
              <label htmlFor={inputId(`lanes.${index}.lr`)}>lr</label>
              <LaneInput {...shared} part="lr" label="Learning rate" />
              <PresetSelect lane={lane} />
            </>
          )}
        </div>
      )}
      {!isBaseline && (
        <>
          <LaneDelta lane={lane} index={index} problemId={shared.describedBy} />
          {!isGiven && <LaneLearning lane={lane} index={index} problemId={shared.describedBy} />}
        </>
      )}
      {problem && (
        <p className="field__problem" id={problemId} role="alert">
          {problem}
        </p>
      )}
    </li>
  );
}

interface LaneInputProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly part: 'name' | 'steps' | 'lr';
  readonly label: string;
  readonly describedBy: string | undefined;
}

function LaneInput({ lane, index, part, label, describedBy }: LaneInputProps) {
  const { store } = useStudio();
  const { problems } = useDraftCheck();
  const id: FieldId = `lanes.${index}.${part}`;
  return (
    <input
      id={inputId(id)}
      data-testid={`${part}-${lane.name}`}
      className={`lane-row__${part}`}
      aria-label={`${label} of ${lane.name}`}
      inputMode={part === 'name' ? 'text' : 'decimal'}
      autoComplete="off"
      spellCheck={false}
      value={lane[part]}
      aria-invalid={problems.has(id)}
      aria-describedby={describedBy}
      onChange={({ target }) =>
        store.setState(({ lanes }) => ({ lanes: changeLane(lanes, lane.id, { [part]: target.value }) }))
      }
    />
  );
}

function PresetSelect({ lane }: { lane: LaneDraft }) {
  const { store } = useStudio();
  return (
    <select
      data-testid={`preset-${lane.name}`}
      aria-label={`Preset of ${lane.name}`}
      value={lane.preset}
      onChange={({ target }) =>
        store.setState(({ lanes }) => ({
          lanes: changeLane(lanes, lane.id, { preset: Preset.parse(target.value) }),
        }))
      }
    >
      {PRESETS.map((preset) => (
        <option key={preset}>{preset}</option>
      ))}
    </select>
  );
}

export function BranchNote({ branch }: { branch: NonNullable<LaneDraft['branch']> }) {
  const place = useAppState((state) => state.conversation.turns.findIndex(({ id }) => id === branch.turn));
  const turn = place > 0 ? `turn ${place + 1}, ` : '';
  return (
    <p className="branch-note">
      <span aria-hidden="true">↳</span> off {branch.lane}, {turn}token {branch.index + 1}:{' '}
      <span className="mono">{visibleToken(branch.token, 16)}</span>
    </p>
  );
}

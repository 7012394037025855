/** How answers are judged, drawn and decoded. */
import type { GraderName } from '../../../engine/protocol';
import { useAppState } from '../../state/studio-context';
import { LineField } from './line-field';
import type { DraftInHand } from './use-draft';

export function GraderFields({ hand }: { hand: DraftInHand }) {
  const options = useAppState((state) => state.evaluationOptions);
  const { draft, usual, change } = hand;
  const chosen = draft.graders ?? usual.graders;
  const toggle = (name: GraderName) => {
    const others = chosen.filter((each) => each !== name);
    change({ graders: others.length < chosen.length ? others : [...chosen, name] });
  };
  const lead = (name: GraderName) => change({ graders: [name, ...chosen.filter((each) => each !== name)] });
  const problem = hand.problems.get('graders');
  return (
    <fieldset className="form-part">
      <legend>Graders</legend>
      <p className="field__help">All are shown side by side; the first is the headline.</p>
      <ul className="graders">
        {options?.graders.map(({ name, extractor, description }) => (
          <li key={name} className="graders__row">
            <label className="form-check" title={description}>
              <input
                type="checkbox"
                data-testid={`grader-${name}`}
                checked={chosen.includes(name)}
                onChange={() => toggle(name)}
              />
              <span>
                {name} <span className="muted">{extractor}</span>
              </span>
            </label>
            {chosen[0] === name && <span className="graders__lead">headline</span>}
            {chosen.indexOf(name) > 0 && (
              <button
                type="button"
                className="button button--quiet"
                aria-label={`Make headline: ${name}`}
                onClick={() => lead(name)}
              >
                Make headline
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem && (
        <p className="field__problem" role="alert">
          {problem}
        </p>
      )}
      {chosen.includes('regex') && (
        <LineField
          hand={hand}
          field="pattern"
          label="Your pattern"
          help="Its first group, or the whole match."
        />
      )}
    </fieldset>
  );
}

export function DrawFields({ hand }: { hand: DraftInHand }) {
  return (
    <fieldset className="form-part">
      <legend>Answers</legend>
      <LineField hand={hand} field="temperature" label="Temperature" help="0 is greedy." />
      <LineField hand={hand} field="topP" label="top-p" help="1 keeps all tokens." />
      <LineField
        hand={hand}
        field="samples"
        label="Samples"
        help="Answers to each problem in each lane, averaged per problem first; more than one needs a temperature."
      />
      <LineField hand={hand} field="seed" label="Seed" help="Same seed, same answers." />
      <LineField
        hand={hand}
        field="rows"
        label="Rows"
        help="Answers that are decoded together: faster, as far as memory goes."
      />
    </fieldset>
  );
}

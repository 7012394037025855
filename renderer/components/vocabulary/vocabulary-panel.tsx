/** What delta did to the vocabulary after the chosen step: tokens, groups, and any token asked for. */

import { Ranking, stepEvent } from '../../run/ranking';
import { useAppState, useStudio } from '../studio-context';
import { Segmented } from '../ui/segmented';
import { useAdaptations } from '../use-adaptations';
import { useSelectedStep } from '../use-selected-step';
import { GroupBars } from './group-bars';
import { RANKING_TEXTS } from './ranking-texts';
import { ShiftBars } from './shift-bars';
import { TokenSearch } from './token-search';
import './vocabulary.css';

const CHOICES = Ranking.options.map((value) => ({
  value,
  text: RANKING_TEXTS[value].name,
  title: RANKING_TEXTS[value].meaning,
}));

export function VocabularyPanel() {
  const { store } = useStudio();
  const lanes = useAdaptations();
  const ranking = useAppState((state) => state.ranking);
  const chosenLane = useAppState((state) => state.shiftLane);
  const { step } = useSelectedStep();
  const lane = lanes.find((each) => each.name === chosenLane) ?? lanes[0] ?? null;
  const event = lane && stepEvent(lane, step);

  return (
    <div className="vocabulary">
      <div className="vocabulary__head">
        <h3>Vocabulary {lane && <span className="muted">step {step}</span>}</h3>
        {lanes.length > 1 && lane && (
          <select
            aria-label="Lane whose shifts are shown"
            value={lane.name}
            onChange={({ target }) => store.setState({ shiftLane: target.value })}
          >
            {lanes.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <Segmented
          label="Rank tokens by"
          value={ranking}
          choices={CHOICES}
          onChange={(next) => store.setState({ ranking: next })}
        />
      </div>
      <p className="vocabulary__meaning">{RANKING_TEXTS[ranking].meaning}</p>
      <ShiftBars event={event} ranking={ranking} step={step} />
      <GroupBars event={event} ranking={ranking} />
      <TokenSearch lane={lane} step={step} />
    </div>
  );
}

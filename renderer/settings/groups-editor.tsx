/** Token groups of the user's own, besides the default ones. */
import type { FieldId } from '../state/draft';
import type { GroupDraft } from '../state/group-draft';
import { inputId } from '../state/run-reasons';
import { useAppState, useStudio } from '../state/studio-context';
import { toastOf } from '../state/undo';
import { useDraftCheck } from '../state/use-draft-check';

export function GroupsEditor() {
  const { store } = useStudio();
  const groups = useAppState((state) => state.groups);

  const change = (index: number, part: Partial<GroupDraft>) =>
    store.setState({
      groups: groups.map((group, each) => (each === index ? { ...group, ...part } : group)),
    });

  return (
    <div className="groups-editor">
      <p className="groups-editor__title">Token groups of your own</p>
      {groups.map((group, index) => (
        // Rows have no identity beyond their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are only added and removed at the end
        <GroupRow key={index} group={group} index={index} onChange={(part) => change(index, part)} />
      ))}
      <p className="field__help">
        Words separated by commas, in every spelling that is one token; or one /regular expression/ over token
        texts, with i after it where capitals do not matter.
      </p>
      <div>
        <button
          type="button"
          className="button button--quiet"
          disabled={groups.length >= 50}
          onClick={() => store.setState({ groups: [...groups, { name: '', words: '' }] })}
        >
          + Group
        </button>
        {groups.length > 1 && (
          <button
            type="button"
            className="button button--quiet"
            onClick={() =>
              store.setState({
                groups: groups.slice(0, -1),
                ...toastOf(`Removed the group ${groups.at(-1)?.name ?? ''}.`, () =>
                  store.setState({ groups }),
                ),
              })
            }
          >
            − Last group
          </button>
        )}
      </div>
    </div>
  );
}

interface GroupRowProps {
  readonly group: GroupDraft;
  readonly index: number;
  readonly onChange: (part: Partial<GroupDraft>) => void;
}

function GroupRow({ group, index, onChange }: GroupRowProps) {
  const { problems } = useDraftCheck();
  const nameId: FieldId = `groups.${index}.name`;
  const wordsId: FieldId = `groups.${index}.words`;
  const problem = problems.get(nameId) ?? problems.get(wordsId);
  return (
    <div className="groups-editor__row">
      <input
        id={inputId(nameId)}
        data-testid="group-name"
        aria-label="Group name"
        placeholder="name"
        value={group.name}
        aria-invalid={problems.has(nameId)}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <input
        id={inputId(wordsId)}
        data-testid="group-words"
        dir="auto"
        aria-label="Words of the group, separated by commas, or a /pattern/i"
        placeholder="so, then or /^un/i"
        value={group.words}
        aria-invalid={problems.has(wordsId)}
        onChange={(event) => onChange({ words: event.target.value })}
      />
      {problem && (
        <p className="field__problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

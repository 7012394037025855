/** Token groups of the user's own, as typed, and read. */
import { z } from 'zod';
import { GroupDefinition, readMembers } from '../../engine/protocol';

/** `words` is in the notation that `readMembers` reads. */
export const GroupDraft = z.object({ name: z.string(), words: z.string() });
export type GroupDraft = z.infer<typeof GroupDraft>;

export type GroupField = `groups.${number}.${'name' | 'words'}`;

/** The groups that are written well enough to be followed. */
export function draftGroups(groups: readonly GroupDraft[]): GroupDefinition[] {
  return groups.flatMap((group) => {
    let isWell = true;
    const read = readGroups([group], () => {
      isWell = false;
    });
    return isWell ? read : [];
  });
}

/** Rows left wholly empty are no groups. @param tell called with each problem */
export function readGroups(
  groups: readonly GroupDraft[],
  tell: (field: GroupField, problem: string) => void,
): GroupDefinition[] {
  return groups.flatMap((group, index) => {
    const name = group.name.trim();
    if (name === '' && group.words.trim() === '') return [];
    if (name === '') tell(`groups.${index}.name`, 'Give the group a name.');
    else if (!GroupDefinition.shape.name.safeParse(name).success)
      tell(`groups.${index}.name`, 'At most 80 characters.');
    else if (groups.findIndex((each) => each.name.trim() === name) < index)
      tell(`groups.${index}.name`, 'Another group has this name.');
    const members = readMembers(group.words);
    if (!('problem' in members)) return [{ name, ...members }];
    tell(`groups.${index}.words`, members.problem);
    return [];
  });
}

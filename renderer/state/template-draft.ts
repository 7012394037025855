/** What the chat template is given besides the messages, as typed. */
import { z } from 'zod';
import {
  type Json,
  readVariable,
  TemplateSettings,
  VariableName,
  writeVariable,
} from '../../engine/protocol';

export const VariableDraft = z.object({ name: z.string().max(200), value: z.string().max(100_000) });
export type VariableDraft = z.infer<typeof VariableDraft>;

export interface TemplateDraft {
  /** An empty value is not set. */
  readonly variables: readonly VariableDraft[];
  /** Year first; empty is the day of the run. */
  readonly date: string;
}
export const TemplateDraft = z.object({
  variables: z.array(VariableDraft).max(50),
  date: z.string().max(20),
});

export const NO_TEMPLATE: TemplateDraft = { variables: [], date: '' };

export type TemplateField = `template.${number}.${'variable' | 'value'}` | 'template.date';

/** The settings; what is wrong goes into `problems`. */
export function readTemplate(
  draft: TemplateDraft,
  problems: { set(field: TemplateField, problem: string): unknown },
): TemplateSettings {
  const variables = new Map<string, Json>();
  for (const [index, row] of draft.variables.entries()) {
    if (row.value.trim() === '') continue;
    const name = row.name.trim();
    const problem = nameProblem(name, variables);
    if (problem) problems.set(`template.${index}.variable`, problem);
    const read = readVariable(row.value);
    if ('problem' in read) problems.set(`template.${index}.value`, read.problem);
    else if (!problem) variables.set(name, read.value);
  }
  const date = draft.date.trim() || null;
  if (!TemplateSettings.shape.date.safeParse(date).success)
    problems.set('template.date', 'Not a day; write 2024-07-26.');
  return { variables: Object.fromEntries(variables), date };
}

function nameProblem(name: string, taken: ReadonlyMap<string, Json>): string | undefined {
  if (name === '') return 'Give the variable a name.';
  if (taken.has(name)) return `${name} is set twice.`;
  return VariableName.safeParse(name).success ? undefined : 'Letters, digits and _, no digit first.';
}

/** Stored settings as something to type on from. */
export function templateDraft({ variables, date }: TemplateSettings): TemplateDraft {
  return {
    variables: Object.entries(variables).map(([name, value]) => ({ name, value: writeVariable(value) })),
    date: date ?? '',
  };
}

/** The draft with a variable's value; an empty one takes it out. */
export function withVariable(draft: TemplateDraft, name: string, value: string): TemplateDraft {
  const others = draft.variables.filter((row) => row.name !== name);
  if (value === '') return { ...draft, variables: others };
  const isThere = others.length < draft.variables.length;
  const variables = isThere
    ? draft.variables.map((row) => (row.name === name ? { name, value } : row))
    : [...draft.variables, { name, value }];
  return { ...draft, variables };
}

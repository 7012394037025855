/** How the user writes a template variable's value: as JSON, or as plain text where it is none. */
import { isJson, type Json, type TemplateSettings } from './settings';

const PYTHON: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);

/** What a text stands for, or why it should be written otherwise. */
export function readVariable(text: string): { readonly value: Json } | { readonly problem: string } {
  const json = PYTHON.get(text.trim());
  if (json !== undefined) {
    // A text is true to a template, so that False would switch things on.
    return { problem: `This text counts as true: write ${json}, or "${text.trim()}" in quotes.` };
  }
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? { value } : { problem: 'Nested too deep, or a number without end.' };
  } catch {
    return { value: text };
  }
}

/** The text that `readVariable` reads as this value. */
export function writeVariable(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const read = value.trim() === '' ? undefined : readVariable(value);
  return read && 'value' in read && read.value === value ? value : JSON.stringify(value);
}

/** Names and values in one line; '' where nothing is set. */
export function describeTemplate({ variables, date }: TemplateSettings): string {
  const named = Object.entries(variables).map(([name, value]) => `${name}=${writeVariable(value)}`);
  return [...named, ...(date === null ? [] : [`date ${date}`])].join(', ');
}

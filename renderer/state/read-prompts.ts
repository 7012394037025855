/** A list of prompts from text: JSON Lines, a JSON array, CSV with a head, or plain text. */
import Papa from 'papaparse';
import { z } from 'zod';
import { count, grouped } from '../ui/text/format';
import { MAX_SET_LENGTH, MAX_SET_PROMPTS, type SetPrompt } from './prompts-state';

/** The columns or fields that may hold the prompt, the likeliest first. */
const PROMPT_FIELDS = ['prompt', 'question', 'text', 'instruction', 'input', 'user', 'problem'] as const;

export type ReadPrompts = { readonly prompts: readonly SetPrompt[] } | { readonly problem: string };

/** @param fileName decides where its ending says what it is; null for what was pasted */
export function readPrompts(text: string, fileName: string | null): ReadPrompts {
  const ending = /\.(\w+)$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  const isJson = ending === undefined ? /^\s*[[{]/.test(text) : ending === 'json' || ending === 'jsonl';
  const read = isJson
    ? readJson(text)
    : ending === 'csv' || ending === 'tsv'
      ? readCsv(text)
      : readPlain(text);
  return 'problem' in read ? read : bounded(read.prompts);
}

function bounded(prompts: readonly SetPrompt[]): ReadPrompts {
  if (prompts.length === 0) return { problem: 'There is no prompt in it.' };
  if (prompts.length > MAX_SET_PROMPTS)
    return {
      problem: `These are ${count(prompts.length, 'prompt')}; at most ${grouped(MAX_SET_PROMPTS)} go.`,
    };
  const length = prompts.reduce((sum, { system, prompt }) => sum + prompt.length + (system?.length ?? 0), 0);
  return length > MAX_SET_LENGTH
    ? { problem: `These are ${grouped(length)} characters; at most ${grouped(MAX_SET_LENGTH)} go.` }
    : { prompts };
}

/** One a line; where lines of --- stand between prompts, these may have several lines. */
function readPlain(text: string): ReadPrompts {
  const lines = text.split(/\r?\n/);
  const isParted = lines.some(isRule);
  const parts = isParted ? partsBetween(lines) : lines;
  const prompts = parts.map((part) => part.trim()).filter((part) => part !== '');
  return { prompts: prompts.map((prompt) => ({ system: null, prompt })) };
}

function isRule(line: string): boolean {
  return /^\s*---+\s*$/.test(line);
}

function partsBetween(lines: readonly string[]): string[] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (isRule(line)) parts.push([]);
    else parts.at(-1)!.push(line);
  }
  return parts.map((part) => part.join('\n'));
}

function readJson(text: string): ReadPrompts {
  const whole = parsed(text);
  const entries: { readonly where: string; readonly value: unknown }[] = Array.isArray(whole)
    ? whole.map((value, at) => ({ where: `entry ${at + 1}`, value }))
    : [];
  if (!Array.isArray(whole)) {
    for (const [at, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === '') continue;
      const value = parsed(line);
      if (value === undefined) return { problem: `Line ${at + 1} is no JSON: write one object a line.` };
      entries.push({ where: `line ${at + 1}`, value });
    }
  }
  const prompts: SetPrompt[] = [];
  for (const { where, value } of entries) {
    const prompt = promptOf(value);
    if (!prompt) return { problem: `No prompt in ${where}: give it a field ${PROMPT_FIELDS[0]}.` };
    prompts.push(prompt);
  }
  return { prompts };
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const Fields = z.record(z.string(), z.unknown());
const Messages = z.array(z.object({ role: z.string(), content: z.string() }));

/** A text, an object with a field for it, or a chat: its first user turn, under its system turn. */
function promptOf(value: unknown): SetPrompt | null {
  if (typeof value === 'string') return value.trim() === '' ? null : { system: null, prompt: value };
  const fields = Fields.safeParse(value).data;
  if (!fields) return null;
  const messages = Messages.safeParse(fields.messages).data;
  const said = (role: string) => messages?.find((message) => message.role === role)?.content;
  const prompt =
    PROMPT_FIELDS.map((name) => fields[name]).find(
      (each) => typeof each === 'string' && each.trim() !== '',
    ) ?? said('user');
  const system = fields.system ?? said('system');
  if (typeof prompt !== 'string' || prompt.trim() === '') return null;
  return { system: typeof system === 'string' ? system : null, prompt };
}

function readCsv(text: string): ReadPrompts {
  const { data, meta } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: 'greedy' });
  const names = meta.fields ?? [];
  const find = (wanted: string) => names.find((name) => name.trim().toLowerCase() === wanted);
  const column =
    PROMPT_FIELDS.map(find).find((name) => name !== undefined) ?? (names.length === 1 ? names[0] : undefined);
  if (column === undefined)
    return { problem: `No column ${PROMPT_FIELDS[0]} in the first line: ${names.join(', ').slice(0, 200)}.` };
  const system = find('system');
  const prompts = data.flatMap((row) => {
    const prompt = row[column] ?? '';
    if (prompt.trim() === '') return [];
    return [{ system: system === undefined ? null : (row[system] ?? null), prompt }];
  });
  return { prompts };
}

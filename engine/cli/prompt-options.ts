/** The options of commands that ask one prompt and what the chat template is given. */
import type { Command } from 'commander';
import {
  badInput,
  type Json,
  type Prompt,
  type RunConfigInput,
  readVariable,
  type TemplateVariables,
  VariableName,
} from '../protocol';
import { readMessages, readPromptFile, withoutFinalNewline } from './prompt-file';

export interface PromptOptions {
  readonly prompt?: string;
  readonly promptFile?: string;
  readonly trimFinalNewline?: boolean;
  readonly messages?: string;
  readonly system?: string;
  readonly templateVar?: readonly string[];
  readonly templateDate?: string;
  readonly raw?: boolean;
}

/** Those that say where it comes from; the system message and the template's are each command's own. */
export function addPromptOptions(command: Command): Command {
  return command
    .option('--prompt <text>', 'the prompt')
    .option(
      '--prompt-file <file>',
      'a file that holds the prompt, in UTF-8 or as its mark says; - reads stdin',
    )
    .option('--trim-final-newline', 'leave out the newline that the file of the prompt ends with')
    .option('--messages <file>', 'a JSON file, or -: [{"role": "user", "content": "…"}, …]')
    .option('--raw', 'tokenise the prompt as it is, without the chat template');
}

/** @throws EngineError where the options do not make one prompt */
export async function readPrompt(options: PromptOptions): Promise<RunConfigInput['prompt']> {
  const { prompt, promptFile, trimFinalNewline, messages, system, raw, templateVar, templateDate } = options;
  const given = [prompt, promptFile, messages].filter((source) => source !== undefined).length;
  if (given !== 1) throw badInput('prompt', 'give one of --prompt, --prompt-file or --messages');
  if (raw && (templateVar !== undefined || templateDate !== undefined)) {
    throw badInput('prompt', '--raw uses no template: leave out --template-var and --template-date');
  }
  if (raw && (messages !== undefined || system !== undefined)) {
    throw badInput(
      'prompt',
      '--raw takes one text: it goes with --prompt or --prompt-file, without --system',
    );
  }
  const systemMessage = system === undefined ? [] : [{ role: 'system' as const, content: system }];
  if (messages !== undefined)
    return { kind: 'chat', messages: [...systemMessage, ...(await readMessages(messages))] };
  if (trimFinalNewline && promptFile === undefined) {
    throw badInput('prompt', '--trim-final-newline goes with --prompt-file');
  }
  const read = prompt ?? (await readPromptFile(promptFile!));
  const text = trimFinalNewline ? withoutFinalNewline(read) : read;
  if (raw) return { kind: 'raw', text };
  return { kind: 'chat', messages: [...systemMessage, { role: 'user', content: text }] };
}

/** An option's values, where it may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** @throws EngineError `bad-option` for what is not name=value, or a name that comes twice */
export function readVariables(options: readonly string[]): TemplateVariables {
  const variables = new Map<string, Json>();
  for (const option of options) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(option) ?? [];
    if (name === undefined || value === undefined) {
      throw badInput('bad-option', `--template-var: "${option}" is not name=value`, 'See --help.');
    }
    const named = VariableName.safeParse(name);
    if (!named.success)
      throw badInput('bad-option', `--template-var ${name}: ${named.error.issues[0]!.message}`);
    if (variables.has(name)) throw badInput('bad-option', `--template-var: ${name} is given twice`);
    const read = readVariable(value);
    if ('problem' in read) throw badInput('bad-option', `--template-var ${name}: ${read.problem}`);
    variables.set(name, read.value);
  }
  return Object.fromEntries(variables);
}

/** The prompt without its file's final newline; undefined where the file has none. */
export function withoutFinalNewlineOf(prompt: Prompt): Prompt | undefined {
  const text = prompt.kind === 'raw' ? prompt.text : prompt.messages.at(-1)!.content;
  const trimmed = withoutFinalNewline(text);
  if (trimmed === text) return undefined;
  if (prompt.kind === 'raw') return { kind: 'raw', text: trimmed };
  return { kind: 'chat', messages: prompt.messages.with(-1, { role: 'user', content: trimmed }) };
}

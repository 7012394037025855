/** From options to the settings of a run. */
import {
  type Arithmetic,
  badInput,
  type Device,
  type Prompt,
  RunConfig,
  type RunConfigInput,
} from '../protocol';
import { number } from './option-values';
import { readVariables } from './prompt-options';

/** Of every command that asks a prompt, as commander leaves them: strings, checked by the contract's own schemas. */
export interface SharedOptions {
  readonly model?: string;
  readonly server?: string;
  readonly baselineServer?: string;
  readonly head?: string;
  readonly dtype?: string;
  readonly device?: string;
  readonly memorySaver?: boolean;
  readonly arithmetic?: string;
  readonly templateVar?: readonly string[];
  readonly templateDate?: string;
  readonly maxNewTokens?: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
  readonly ignoreEos?: boolean;
  /** Texts that end an answer. */
  readonly stop?: readonly string[];
}

/** @throws EngineError `bad-option` that names the option */
export function runConfig(
  options: SharedOptions,
  prompt: Prompt,
  lanes: RunConfigInput['lanes'],
  more: Pick<RunConfigInput, 'listLength' | 'groups' | 'explain' | 'samples'> = {},
): RunConfig {
  const config: RunConfigInput = {
    model: {
      ...modelOf(options),
      dtype: options.dtype ?? null,
      device: options.device as Device,
      memorySaver: options.memorySaver ?? false,
      arithmetic: options.arithmetic as Arithmetic,
    },
    prompt,
    template: { variables: readVariables(options.templateVar ?? []), date: options.templateDate ?? null },
    lanes,
    generation: {
      ...(options.maxNewTokens === undefined ? {} : { maxNewTokens: number(options.maxNewTokens) }),
      temperature: number(options.temperature),
      topP: number(options.topP),
      seed: number(options.seed),
      ignoreEos: options.ignoreEos ?? false,
      ...(options.stop?.length ? { stops: [...options.stop] } : {}),
    },
    ...more,
  };
  const parsed = RunConfig.safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path[0] === 'template' ? String(path[1]) : String(path.at(-1));
  const option =
    OPTION_OF_FIELD.get(field) ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw badInput('bad-option', `--${option}: ${message}`, 'See --help.');
}

/** The model, or the server and the model on this machine that has its head. */
export function modelOf({
  model,
  server,
  baselineServer,
  head,
}: Pick<SharedOptions, 'model' | 'server' | 'baselineServer' | 'head'>) {
  if (server === undefined && head !== undefined)
    throw badInput('bad-option', '--head: is for a server', 'Name one with --server, or give a --model.');
  if (server !== undefined && head === undefined && model === undefined)
    throw badInput(
      'bad-option',
      '--server: say which model it runs',
      'Give its GGUF file, or its folder, on this machine with --head.',
    );
  return {
    folder: head ?? model ?? null,
    ...(server === undefined ? {} : { server }),
    ...(baselineServer === undefined ? {} : { baselineServer }),
  };
}

/** Options whose names are not their fields'. */
const OPTION_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['folder', 'model'],
  ['variables', 'template-var'],
  ['date', 'template-date'],
  ['stops', 'stop'],
]);

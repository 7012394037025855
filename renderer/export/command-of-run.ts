/** The command that repeats a run, for a POSIX shell; what the command line cannot say is said in comments. */
import {
  type DeltaOrigin,
  type LaneSettings,
  NamedSources,
  type Prompt,
  type RunConfig,
  writeLearning,
  writeMembers,
} from '../../engine/protocol';

const COMMAND = 'npm run -s cli -- run';

export function commandOf(config: RunConfig): string {
  const { lanes, otherPrompts, deltas, leftOut } = writeLanes(config);
  const prompt = promptArguments(config.prompt);
  const groups = config.groups.filter(({ name }) => !name.includes('='));
  const args = [
    ...prompt.args,
    ...modelArguments(config),
    ...templateArguments(config),
    ...(lanes.length > 0 ? ['--lanes', lanes.join(',')] : []),
    ...deltas.flatMap((source) => ['--delta', source]),
    ...otherPrompts.flatMap((text) => ['--other-prompt', text]),
    ...generationArguments(config),
    ...groups.flatMap((group) => ['--group', `${group.name}=${writeMembers(group)}`]),
  ];
  const notes = [
    ...leftOut.map((name) => `lane ${JSON.stringify(name)} has no form on the command line and is left out`),
    ...config.groups
      .filter((group) => !groups.includes(group))
      .map(({ name }) => `group ${JSON.stringify(name)} cannot be named there and is left out`),
  ];
  const command = [COMMAND, ...args.map(quote)].join(' ');
  return [...notes.map((note) => `# ${note}`), prompt.input ? `${command} ${prompt.input}` : command].join(
    '\n',
  );
}

interface PromptArguments {
  readonly args: readonly string[];
  /** A here-document for what is read from standard input. */
  readonly input: string | null;
}

function promptArguments(prompt: Prompt): PromptArguments {
  if (prompt.kind === 'raw') return { args: ['--raw', '--prompt', prompt.text], input: null };
  const [first, second, ...rest] = prompt.messages;
  if (first?.role === 'user' && !second) return { args: ['--prompt', first.content], input: null };
  if (first?.role === 'system' && second?.role === 'user' && rest.length === 0)
    return { args: ['--system', first.content, '--prompt', second.content], input: null };
  // In one line, in which no line can end the document.
  return { args: ['--messages', '-'], input: `<<'MESSAGES'\n${JSON.stringify(prompt.messages)}\nMESSAGES` };
}

function modelArguments({ model }: RunConfig): string[] {
  const { folder, dtype, device, memorySaver, arithmetic } = model;
  return [
    ...(folder === null ? [] : ['--model', folder]),
    ...(dtype === null ? [] : ['--dtype', dtype]),
    ...(device === 'cpu' ? [] : ['--device', device]),
    ...(memorySaver ? ['--memory-saver'] : []),
    ...(arithmetic === 'exact' ? [] : ['--arithmetic', arithmetic]),
  ];
}

function templateArguments({ prompt, template: { variables, date } }: RunConfig): string[] {
  if (prompt.kind === 'raw') return [];
  const given = Object.entries(variables).flatMap(([name, value]) => [
    '--template-var',
    `${name}=${JSON.stringify(value)}`,
  ]);
  return date === null ? given : [...given, '--template-date', date];
}

function generationArguments({ generation, listLength, samples = 1 }: RunConfig): string[] {
  const { maxNewTokens, temperature, topP, seed, ignoreEos, stops = [] } = generation;
  return [
    '--max-new-tokens',
    String(maxNewTokens),
    ...(temperature === 0 ? [] : ['--temperature', String(temperature)]),
    ...(topP === 1 ? [] : ['--top-p', String(topP)]),
    ...(seed === 0 ? [] : ['--seed', String(seed)]),
    ...(samples === 1 ? [] : ['--samples', String(samples)]),
    ...(ignoreEos ? ['--ignore-eos'] : []),
    ...stops.flatMap((stop) => ['--stop', stop]),
    ...(listLength === 20 ? [] : ['--list-length', String(listLength)]),
  ];
}

function writeLanes({ lanes, prompt }: RunConfig) {
  const written: string[] = [];
  const leftOut: string[] = [];
  const sources = new NamedSources();
  /** All lanes share what stands after --other-prompt. */
  let otherPrompts: readonly string[] = [];
  for (const lane of lanes) {
    const others = lane.origin.kind === 'prompts' ? otherTexts(lane.origin.prompts, prompt) : [];
    const isSayable = others !== null && lane.prompt === undefined && lane.forcedPrefix.length === 0;
    if (!isSayable || !agree(otherPrompts, others)) leftOut.push(lane.name);
    else {
      if (others.length > otherPrompts.length) otherPrompts = others;
      written.push(writeLane(lane, others.length, sources));
    }
  }
  return { lanes: written, otherPrompts, deltas: sources.options, leftOut };
}

/** Whether one is the beginning of the other: `other` takes the first, `mean` takes all. */
function agree(a: readonly string[], b: readonly string[]): boolean {
  const short = Math.min(a.length, b.length);
  const fits = a.slice(0, short).every((text, i) => text === b[i]);
  return fits && (short < 2 || a.length === b.length);
}

/** Texts that `--other-prompt` makes the same prompts of; null where it cannot. */
function otherTexts(others: readonly Prompt[], own: Prompt): string[] | null {
  const system = (prompt: Prompt) =>
    prompt.kind === 'raw' ? [] : prompt.messages.filter(({ role }) => role === 'system');
  const texts = others.flatMap((prompt) => {
    if (prompt.kind !== own.kind) return [];
    if (prompt.kind === 'raw') return [prompt.text];
    const rest = prompt.messages.filter(({ role }) => role !== 'system');
    const isPlain = rest.length === 1 && rest[0]?.role === 'user';
    return isPlain && JSON.stringify(system(prompt)) === JSON.stringify(system(own))
      ? [rest[0]!.content]
      : [];
  });
  return texts.length === others.length ? texts : null;
}

function writeLane(lane: LaneSettings, others: number, sources: NamedSources): string {
  const { name, steps, lr, origin } = lane;
  const kind = steps === 0 ? 'baseline' : kindOf(origin, others);
  const learning = origin.kind === 'given' ? '' : `:${steps}x${lr}${writeLearning(lane)}`;
  const written = steps === 0 ? kind : `${kind}${learning}${ownParameter(origin, sources)}`;
  // What parts lanes and their settings cannot be in a name.
  const safe = name.replace(/[,=:]/g, ' ').trim();
  return safe === '' || safe === written ? written : `${safe}=${written}`;
}

/** What a kind takes behind its settings. */
function ownParameter(origin: DeltaOrigin, sources: NamedSources): string {
  if (origin.kind === 'given') return `@${sources.notationOf(origin)}`;
  if (origin.kind === 'random') return `@${origin.seed}`;
  return origin.kind === 'scaled' ? `@${origin.factor}` : '';
}

function kindOf(origin: DeltaOrigin, others: number): string {
  if (origin.kind === 'own') return 'slot';
  if (origin.kind === 'prompts') return others === 1 ? 'other' : 'mean';
  return origin.kind;
}

function quote(text: string): string {
  return /^[\w@%+:./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

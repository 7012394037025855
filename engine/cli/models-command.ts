/** `models`: what is on this machine and on the hub, as JSON lines or as a report to read. */
import type { Command } from 'commander';
import { createEngine, type Engine, type Query } from '../api/engine';
import {
  badInput,
  fromFailure,
  METHODS,
  type Params,
  type ParsedParams,
  type Pull,
  type Result,
  readableText,
  readHubAddress,
  visibleJson,
} from '../protocol';
import { onInterrupt } from './interrupt';
import { ModelsReport, pullCommand } from './models-report';

interface Output {
  readonly json?: boolean;
}
interface WithDtype extends Output {
  readonly dtype?: string;
}
interface RemoveOptions extends WithDtype {
  readonly revision?: string;
}
interface InspectOptions extends RemoveOptions {
  readonly onHub?: boolean;
}

const ENVIRONMENT = `
Environment:
  HF_HUB_CACHE, HF_HOME    where the cache is (default: ~/.cache/huggingface/hub)
  OLLAMA_MODELS, LLAMA_CACHE  where Ollama and llama.cpp keep theirs
  HF_ENDPOINT              a mirror of the hub
  HF_TOKEN                 your token, for gated models; or log in with hf auth login
  HF_HUB_OFFLINE           1: the hub is not asked
  HTTPS_PROXY, NO_PROXY    the way to it
  SLOT_STUDIO_CACHE        where prepared weights are (default: the app's data folder)`;

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('models on this machine and on the Hugging Face hub')
    .addHelpText('after', ENVIRONMENT);
  const add = (name: string, description: string) =>
    models.command(name).description(description).option('--json', 'one JSON object a line');

  add(
    'list',
    'models on this machine: the starter, the Hugging Face cache, LM Studio, Ollama, llama.cpp, what was added',
  ).action((options: Output) => withEngine(async (engine) => list(engine, options)));
  add('search', 'text-generation models on the hub in ONNX, safetensors or GGUF, the most downloaded first')
    .argument('[words...]', 'of its name (default: models known to have the right layout, small to large)')
    .option('--limit <n>', 'longest list', '20')
    .action((words: string[], options: Output & { limit: string }) =>
      withEngine(async (engine) => search(engine, words.join(' '), options)),
    );
  add('inspect', 'what a model is, what it costs and whether it is supported, without its weights')
    .argument(
      '[model]',
      'a folder, a .gguf or ONNX file, a hub id or its address, ollama:name (default: the starter model)',
    )
    .option('--dtype <dtype>', 'weights to look at, as in the file name: fp32, q4, …')
    .option('--revision <revision>', 'branch, tag or commit (default: what is on this machine, else "main")')
    .option('--on-hub', 'ask the hub even about a model that is on this machine')
    .action((model: string | undefined, options: InspectOptions) =>
      withEngine(async (engine) => inspect(engine, model ?? null, options)),
    );
  add('pull', 'download a model into the Hugging Face cache, or go on with it')
    .argument('<id>', 'organisation/name, or its address on the hub')
    .option('--dtype <dtype>', 'weights to get, as in the file name: fp32, q4, …')
    .option('--revision <revision>', 'branch, tag or commit (default: "main")')
    .action((id: string, options: RemoveOptions) => withEngine(async (engine) => pull(engine, id, options)));
  add('rm', 'delete a model, or one dtype or revision of it, from the cache')
    .argument('<id>', 'organisation/name, or its address on the hub')
    .option('--dtype <dtype>', 'delete these weights alone')
    .option('--revision <revision>', 'delete this branch, tag or commit alone')
    .action((id: string, options: RemoveOptions) =>
      withEngine(async (engine) => remove(engine, id, options)),
    );
  add('prepared', "weights that were made into blocks once, in the app's own folder; or delete some of them")
    .option('--rm <key>', 'delete the one with this key')
    .action((options: Output & { rm?: string }) => withEngine((engine) => prepared(engine, options)));
}

async function withEngine(work: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = createEngine();
  try {
    await work(engine);
  } finally {
    await engine.dispose();
  }
}

async function list(engine: Engine, { json }: Output): Promise<void> {
  const { models, pulls, hub } = await ask(engine, 'models.list', {});
  if (!json) return report().list(models, pulls, hub);
  for (const model of models) print({ type: 'model', ...model });
  for (const pull of pulls) print({ type: 'pull', ...pull });
}

async function search(engine: Engine, query: string, options: Output & { limit: string }): Promise<void> {
  if (query === '') return curated(engine, options);
  const { models } = await ask(engine, 'models.search', { query, limit: Number(options.limit) });
  if (!options.json) return report().found(models);
  for (const model of models) print({ type: 'hub.model', ...model });
}

async function curated(engine: Engine, { json }: Output): Promise<void> {
  const { models } = await ask(engine, 'models.curated', {});
  if (!json) return report().curated(models);
  for (const model of models) print({ type: 'curated.model', ...model });
}

async function inspect(engine: Engine, model: string | null, options: InspectOptions): Promise<void> {
  const { dtype = null, revision = null, onHub = false, json } = options;
  const card = await ask(engine, 'models.inspect', { model, dtype, revision, onHub });
  if (json) print({ type: 'card', ...card });
  else report().card(card);
  if (card.refusal) throw fromFailure(card.refusal);
}

async function pull(engine: Engine, model: string, options: RemoveOptions): Promise<void> {
  const { dtype = null, json } = options;
  const { id, revision } = onHub(model, options);
  const params = parse('models.pull', { id, dtype, revision: revision ?? 'main' });
  const show = json ? undefined : report();
  let pullId: string | undefined;
  const ended = new Promise<Pull>((resolve) => {
    engine.watchPulls((now) => {
      if (now.pullId !== pullId) return;
      if (show) show.pull(now);
      else print({ type: 'pull', ...now });
      if (now.state === 'done' || now.state === 'failed' || now.state === 'paused') resolve(now);
    });
  });
  ({ pullId } = await engine.query('models.pull', params));
  const stop = pauseOnInterrupt(engine, pullId);
  const last = await ended.finally(stop);
  if (last.problem) throw fromFailure(last.problem);
  if (last.state !== 'paused') return;
  process.stderr.write(`paused. What has arrived is kept; go on with: ${readableText(pullCommand(last))}\n`);
  process.exitCode = 130;
}

async function remove(engine: Engine, model: string, options: RemoveOptions): Promise<void> {
  const { dtype = null, json } = options;
  const { id, revision } = onHub(model, options);
  const { freed } = await ask(engine, 'models.remove', { id, dtype, revision });
  if (json) print({ type: 'removed', id, dtype, revision, freed });
  else report().removed([id, dtype, revision].filter(Boolean).join(' '), freed);
}

async function prepared(engine: Engine, { json, rm }: Output & { rm?: string }): Promise<void> {
  if (rm !== undefined) {
    const { freed } = await ask(engine, 'models.removePrepared', { key: rm });
    if (json) print({ type: 'removed', key: rm, freed });
    else report().removed(rm, freed);
    return;
  }
  const found = await ask(engine, 'models.prepared', {});
  if (!json) return report().prepared(found);
  for (const each of found.prepared) print({ type: 'prepared', ...each });
}

/** A hub id as it is, or as a page's address has it. */
function onHub(model: string, { revision }: RemoveOptions): { id: string; revision: string | null } {
  const address = readHubAddress(model, process.env.HF_ENDPOINT);
  return { id: address?.id ?? model, revision: revision ?? address?.revision ?? null };
}

function report(): ModelsReport {
  return new ModelsReport(process.stdout, process.stderr);
}

function print(value: unknown): void {
  process.stdout.write(`${visibleJson(value)}\n`);
}

function ask<M extends Query>(engine: Engine, method: M, params: Params<M>): Promise<Result<M>> {
  return engine.query(method, parse(method, params));
}

function parse<M extends Query>(method: M, params: Params<M>): ParsedParams<M> {
  const parsed = METHODS[method].params.safeParse(params);
  if (parsed.success) return parsed.data as ParsedParams<M>;
  const { path, message } = parsed.error.issues[0]!;
  throw badInput('bad-option', `${path.join('.')}: ${message}`, 'See --help.');
}

/** First interrupt: pause. Second: leave at once. */
function pauseOnInterrupt(engine: Engine, pullId: string): () => void {
  let asked = false;
  return onInterrupt(() => {
    if (asked) process.exit(130);
    asked = true;
    void engine.query('models.pause', { pullId });
  });
}

/** What `models` prints for a reader: lists, a model's card, a download's progress. */
import type { WriteStream } from 'node:tty';
import prettyBytes from 'pretty-bytes';
import {
  type CuratedModel,
  type HubModel,
  type ModelCard,
  type ModelEntry,
  type Pull,
  type Result,
  readableText,
} from '../protocol';
import { duration } from './duration';
import { type Style, TerminalReport } from './terminal-report';

/** Who keeps a model, where that is not said by its name. */
const SOURCES: Readonly<Record<Exclude<ModelEntry['source'], 'folder'>, string>> = {
  starter: '',
  cache: '',
  lmstudio: 'LM Studio',
  ollama: 'Ollama',
  llamacpp: 'llama.cpp',
};

/** Whose models are not opened by the names that are shown. */
const ELSEWHERE: ReadonlySet<ModelEntry['source']> = new Set(['lmstudio', 'ollama', 'llamacpp']);

/** Where no terminal shows progress as it moves, a line tells of each step of this many percent. */
const LINE_PERCENT = 10;

export class ModelsReport extends TerminalReport {
  private hasSizes = false;
  private toldPercent = 0;
  private toldTrouble = '';

  constructor(
    out: WriteStream,
    private readonly beside: WriteStream,
  ) {
    super(out, beside);
  }

  list(models: readonly ModelEntry[], pulls: readonly Pull[], hub: Result<'models.list'>['hub']): void {
    for (const { model, name, source, folder, family, dtypes, problem } of models) {
      const where = source === 'folder' ? folder : SOURCES[source];
      const facts = [family, where].filter((fact) => fact !== null && fact !== '').join('  ');
      this.line(`${this.style('bold', name)}${this.style('dim', `  ${facts}`)}`);
      if (problem) this.line(this.style('yellow', `  ${problem.message}. ${problem.hint}`));
      if (ELSEWHERE.has(source)) this.line(`  --model    ${model}`);
      for (const { dtype, bytes, madeOf } of dtypes)
        this.line(
          `  ${dtype.padEnd(10)} ${prettyBytes(bytes)}${madeOf ? `, made of ${madeOf} when opened` : ''}`,
        );
    }
    for (const pull of pulls) {
      this.line(`${this.style('bold', pull.id)}  ${pull.state}, ${share(pull)}`);
      this.line(this.style('yellow', `  go on with: ${pullCommand(pull)}`));
    }
    this.line(this.style('dim', `cache: ${hub.cacheFolder}`));
  }

  found(models: readonly HubModel[]): void {
    if (models.length === 0)
      this.line('nothing found: no text-generation model in ONNX, safetensors or GGUF has such a name');
    const longest = Math.max(...models.map(({ id }) => id.length));
    for (const { id, downloads, gated, isCached, formats } of models) {
      const notes = [formats.join(', '), gated ? 'gated' : '', isCached ? 'on this machine' : '']
        .filter(Boolean)
        .join('; ');
      const count = downloads.toLocaleString('en').padStart(12);
      this.line(`${readableText(id).padEnd(longest)} ${count} downloads  ${notes}`.trimEnd());
    }
  }

  curated(models: readonly CuratedModel[]): void {
    const longest = Math.max(...models.map(({ id }) => id.length));
    const columns = [...new Set(models.flatMap(({ dtypes }) => dtypes.map(({ dtype }) => dtype)))];
    for (const { id, dtypes, licence, isCached } of models) {
      const sizes = columns.map((column) => {
        const size = dtypes.find(({ dtype }) => dtype === column);
        return (size ? `${column} ${prettyBytes(size.bytes)}` : '').padEnd(column.length + 9);
      });
      const notes = [licence, ...(isCached ? ['on this machine'] : [])].join(', ');
      this.line(`${id.padEnd(longest)}  ${sizes.join(' ')} ${notes}`);
    }
    this.line(this.style('dim', 'Sizes as they were published; models inspect has what is there.'));
  }

  card(card: ModelCard): void {
    const { name, family, dtype, layers, vocab, hidden, contextLength, memory, step } = card;
    this.line(`${this.style('bold', name)}  ${dtype}${family ? `, ${readableText(family)}` : ''}`);
    this.row('layers', layers);
    this.row('vocabulary', vocab);
    this.row('hidden size', hidden);
    this.row('context', contextLength);
    this.row('chat template', templateLine(card));
    this.row('head', card.chain.join(' → '));
    this.row(
      'inputs',
      card.inputs
        .map((input) => input.name)
        .filter((input) => !/^past_/.test(input))
        .join(', '),
    );
    this.row('dtypes', card.dtypes.map((each) => `${each.dtype} ${prettyBytes(each.bytes)}`).join(', '));
    const missing = sum(card.files.filter(({ isHere }) => !isHere));
    for (const { path, bytes } of card.files) this.row('file', `${path}  ${prettyBytes(bytes)}`);
    if (card.preparation) this.row('preparing', preparingWords(card.preparation));
    this.row('', card.preparation?.loss ?? null);
    this.row('download', missing > 0 ? prettyBytes(missing) : 'none: all on this machine');
    if (memory) {
      const { peak, promptTokens, weights, prepacked, cache, logits } = memory;
      this.row('memory', `about ${prettyBytes(peak)} for a prompt of ${promptTokens} tokens, as the sum of`);
      this.row('', `${prettyBytes(weights)} weights, mapped from the file`);
      this.row(
        '',
        `${prettyBytes(prepacked)} matrices repacked (with --memory-saver only those of 16 bits, widened)`,
      );
      this.row('', `${prettyBytes(cache)} key-value cache of two lanes`);
      this.row('', `${prettyBytes(logits)} logits of the prompt`);
    }
    if (step) {
      const products = step.multiplyAdds.toExponential(1);
      this.row('one step', `reads ${prettyBytes(step.bytes)}, ${products} multiply-adds`);
    }
    if (card.fetched > 0) this.row('fetched', `${prettyBytes(card.fetched)} to tell this`);
    this.row('verdict', card.refusal ? 'refused' : 'supported');
  }

  pull(pull: Pull): void {
    if (pull.files.length === 0) return;
    if (!this.hasSizes) {
      this.hasSizes = true;
      const part = pull.done === pull.bytes ? 'all' : prettyBytes(pull.done);
      const here = pull.done > 0 ? `, ${part} of it here already` : '';
      this.line(`${pull.id}: ${pull.files.length} files, ${prettyBytes(pull.bytes)}${here}`);
      this.toldPercent = percent(pull);
    }
    this.status(progressLine(pull));
    if (!this.beside.isTTY) this.tell(pull);
    if (pull.state !== 'done') return;
    this.status('');
    this.line('done');
  }

  prepared({ folder, prepared }: Result<'models.prepared'>): void {
    for (const { key, name, bytes, isUsed, problem, source } of prepared) {
      this.line(`${this.style('bold', name ?? 'damaged')}  ${prettyBytes(bytes)}${isUsed ? ', in use' : ''}`);
      this.line(this.style('dim', `  ${key}  ${source ?? ''}`.trimEnd()));
      if (problem) this.line(this.style('yellow', `  ${problem}`));
    }
    if (prepared.length === 0) this.line('nothing is prepared');
    this.line(this.style('dim', `folder: ${folder}`));
  }

  removed(what: string, freed: number): void {
    if (freed > 0) this.line(`deleted ${what}: ${prettyBytes(freed)} freed`);
    else this.line(`nothing freed: ${what} is not in the cache, or shares all its files`);
  }

  /** Progress and trouble where lines stay. */
  private tell(pull: Pull): void {
    const trouble = pull.state === 'downloading' ? (pull.problem?.message ?? '') : '';
    const isFurther = pull.state === 'downloading' && percent(pull) >= this.toldPercent + LINE_PERCENT;
    if (isFurther || (trouble !== '' && trouble !== this.toldTrouble)) {
      this.beside.write(`${readableText(progressLine(pull))}\n`);
      this.toldPercent = percent(pull);
    }
    this.toldTrouble = trouble;
  }

  private row(name: string, value: string | number | null): void {
    if (value === null || value === '') return;
    const text = typeof value === 'number' ? value.toLocaleString('en') : value;
    this.line(`  ${this.style('dim', name.padEnd(14))}${readableText(text)}`);
  }

  protected override line(text: string): void {
    this.clear();
    super.line(text);
  }

  protected override status(text: string): void {
    super.status(readableText(text));
  }

  protected override style(style: Style, text: string): string {
    return super.style(style, readableText(text));
  }
}

function progressLine(pull: Pull): string {
  if (pull.state === 'verifying') return 'verifying';
  const speed = pull.bytesPerSecond === null ? '' : `, ${prettyBytes(pull.bytesPerSecond)}/s`;
  const left = pull.secondsLeft === null ? '' : `, ${duration(pull.secondsLeft)} left`;
  const trouble = pull.problem ? `  ${pull.problem.message}. ${pull.problem.hint}` : '';
  return `${share(pull)}${speed}${left}${trouble}`;
}

function share(pull: Pull): string {
  const { bytes } = pull;
  return bytes === 0 ? 'not begun' : `${percent(pull)} % of ${prettyBytes(bytes)}`;
}

function percent({ done, bytes }: Pull): number {
  return Math.floor((100 * done) / bytes);
}

/** What goes on with a download. */
export function pullCommand({ id, dtype, revision }: Pull): string {
  const weights = dtype === null ? [] : ['--dtype', dtype];
  const branch = revision === 'main' ? [] : ['--revision', revision];
  return ['models pull', id, ...weights, ...branch].join(' ');
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

function preparingWords({ bytes, seconds }: NonNullable<ModelCard['preparation']>): string {
  return seconds === 0
    ? `done: ${prettyBytes(bytes)} in the app's own folder (models prepared)`
    : `once, when it is first opened: about ${duration(seconds)}, ${prettyBytes(bytes)} in the app's own folder`;
}

function templateLine({ hasChatTemplate, templateRefusal }: ModelCard): string {
  if (!hasChatTemplate) return 'none: prompts run raw';
  return templateRefusal === null ? 'yes' : `yes, but it ${readableText(templateRefusal)}`;
}

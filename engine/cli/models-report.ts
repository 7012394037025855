/** What `models` prints for a reader: lists, a model's card, a download's progress. */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import prettyBytes from 'pretty-bytes';
import type { HubModel, ModelCard, ModelEntry, Pull, Result } from '../protocol';
import { visible } from './visible';

type Style = Parameters<typeof styleText>[0];

export class ModelsReport {
  private readonly colour: boolean;
  private hasSizes = false;

  constructor(
    private readonly out: WriteStream,
    private readonly progress: WriteStream,
  ) {
    this.colour = out.isTTY === true && !process.env.NO_COLOR;
  }

  list(models: readonly ModelEntry[], pulls: readonly Pull[], hub: Result<'models.list'>['hub']): void {
    for (const { name, source, folder, family, dtypes, problem } of models) {
      const where = source === 'folder' ? `  ${folder}` : '';
      this.line(`${this.style('bold', name)}${this.style('dim', `  ${family ?? source}${where}`)}`);
      if (problem) this.line(this.style('yellow', `  ${problem.message}. ${problem.hint}`));
      for (const { dtype, bytes } of dtypes) this.line(`  ${dtype.padEnd(10)} ${prettyBytes(bytes)}`);
    }
    for (const pull of pulls) this.line(`${this.style('bold', pull.id)}  ${pull.state}, ${share(pull)}`);
    this.line(this.style('dim', `cache: ${hub.cacheFolder}`));
  }

  found(models: readonly HubModel[]): void {
    if (models.length === 0) this.line('nothing found');
    const longest = Math.max(...models.map(({ id }) => id.length));
    for (const { id, downloads, gated, isCached } of models) {
      const notes = [gated ? 'gated' : '', isCached ? 'on this machine' : ''].filter(Boolean).join(', ');
      this.line(
        `${visible(id).padEnd(longest)} ${downloads.toLocaleString('en').padStart(12)} downloads  ${notes}`,
      );
    }
  }

  card(card: ModelCard): void {
    const { name, family, dtype, layers, vocab, hidden, contextLength, memory, step } = card;
    this.line(`${this.style('bold', name)}  ${dtype}${family ? `, ${visible(family)}` : ''}`);
    this.row('layers', layers);
    this.row('vocabulary', vocab);
    this.row('hidden size', hidden);
    this.row('context', contextLength);
    this.row('chat template', card.hasChatTemplate ? 'yes' : 'none: prompts run raw');
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
    this.row('download', missing > 0 ? prettyBytes(missing) : 'none: all on this machine');
    if (memory) {
      this.row(
        'memory',
        `about ${prettyBytes(memory.peak)} besides the program, for a prompt of ${memory.promptTokens} tokens`,
      );
      this.line(this.style('dim', `  ${memory.formula}`));
    }
    if (step) {
      this.row(
        'one step',
        `reads ${prettyBytes(step.bytes)}, ${step.multiplyAdds.toExponential(1)} multiply-adds`,
      );
      this.line(this.style('dim', `  ${step.formula}`));
    }
    if (card.fetched > 0) this.row('fetched', `${prettyBytes(card.fetched)} to tell this`);
    this.row('verdict', card.refusal ? 'refused' : 'supported');
  }

  pull(pull: Pull): void {
    if (pull.files.length === 0) return;
    if (!this.hasSizes) {
      this.hasSizes = true;
      const here = pull.done > 0 ? `, ${prettyBytes(pull.done)} of it here already` : '';
      this.line(`${pull.id}: ${pull.files.length} files, ${prettyBytes(pull.bytes)}${here}`);
    }
    this.status(progressLine(pull));
    if (pull.state !== 'done') return;
    this.status('');
    this.line('done');
  }

  removed(id: string, dtype: string | null, freed: number): void {
    if (freed === 0) this.line(`nothing of ${id}${dtype ? ` ${dtype}` : ''} was in the cache`);
    else this.line(`deleted ${id}${dtype ? ` ${dtype}` : ''}: ${prettyBytes(freed)} freed`);
  }

  private row(name: string, value: string | number | null): void {
    if (value === null || value === '') return;
    const text = typeof value === 'number' ? value.toLocaleString('en') : value;
    this.line(`  ${this.style('dim', name.padEnd(14))}${visible(text)}`);
  }

  private line(text: string): void {
    if (this.progress.isTTY) this.progress.write('\r\u001b[K');
    this.out.write(`${text}\n`);
  }

  private status(text: string): void {
    if (this.progress.isTTY) this.progress.write(`\r${visible(text)}\u001b[K`);
  }

  private style(style: Style, text: string): string {
    return this.colour ? styleText(style, visible(text)) : visible(text);
  }
}

function progressLine(pull: Pull): string {
  if (pull.state === 'verifying') return 'verifying';
  const speed = pull.bytesPerSecond === null ? '' : `, ${prettyBytes(pull.bytesPerSecond)}/s`;
  const left = pull.secondsLeft === null ? '' : `, ${duration(pull.secondsLeft)} left`;
  const trouble = pull.problem ? `  ${pull.problem.message}. ${pull.problem.hint}` : '';
  return `${share(pull)}${speed}${left}${trouble}`;
}

function share({ done, bytes }: Pull): string {
  if (bytes === 0) return 'not begun';
  return `${Math.floor((100 * done) / bytes)} % of ${prettyBytes(bytes)}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.ceil(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

/** Metadata of one architecture: `llama.block_count` is asked for as `block_count`. */
import { badInput, type EngineError } from '../../protocol';
import type { Metadata } from './metadata';

export class Fields {
  /** @param file the full path that `metadata` was read from, for messages */
  constructor(
    private readonly metadata: Metadata,
    private readonly architecture: string,
    private readonly file: string,
  ) {}

  has(name: string): boolean {
    return this.metadata.has(this.key(name));
  }

  text(name: string): string | undefined {
    return this.metadata.text(this.key(name));
  }

  flag(name: string): boolean | undefined {
    return this.metadata.flag(this.key(name));
  }

  number(name: string): number | undefined {
    return this.metadata.number(this.key(name));
  }

  /** Of a list with one for each layer: the one that all have. */
  count(name: string): number | undefined {
    const key = this.key(name);
    const value = this.metadata.get(key);
    if (!ArrayBuffer.isView(value)) return this.metadata.count(key);
    const [first = -1] = value;
    if (!Number.isSafeInteger(first) || first < 0 || !value.every((other) => other === first)) {
      throw this.refuse(`has layers that differ in "${name}"`);
    }
    return first;
  }

  /** @throws EngineError where it is missing or 0 */
  size(name: string): number {
    const found = this.count(name);
    if (found !== undefined && found > 0) return found;
    throw badInput('malformed-gguf', `${this.file} does not say its "${this.key(name)}"`);
  }

  /** For each layer, whether it is true; a number n stands for all but every nth. */
  layers(name: string, count: number, period: number): boolean[] {
    const value = this.metadata.get(this.key(name));
    if (ArrayBuffer.isView(value)) {
      if (value.length < count) throw this.refuse(`says "${name}" of ${value.length} of ${count} layers`);
      return Array.from(value.subarray(0, count), (each) => each !== 0);
    }
    const every = this.count(name) ?? period;
    return Array.from({ length: count }, (_, layer) => every === 0 || layer % every < every - 1);
  }

  refuse(what: string): EngineError {
    return badInput('unsupported-checkpoint', `${this.file} ${what}, which is not supported`);
  }

  private key(name: string): string {
    return `${this.architecture}.${name}`;
  }
}

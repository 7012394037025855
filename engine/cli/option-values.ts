/** Values of options: numbers, lists, ranges. */
import { badInput } from '../protocol';

/** By commas, each once. @throws EngineError `bad-option` */
export function listOf(option: string, text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw badInput('bad-option', `--${option}: a value is missing in "${text}"`);
  if (new Set(parts).size < parts.length)
    throw badInput('bad-option', `--${option}: a value stands twice in "${text}"`);
  return parts;
}

/** `0..5`, `1,3,5`, or both. */
export function rangeOf(option: string, text: string): number[] {
  const values = listOf(option, text).flatMap((part) => {
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(part) ?? [];
    if (from === undefined || to === undefined) return [number(part)];
    const [first, last] = [Number(from), Number(to)];
    if (last < first || last - first > 1000)
      throw badInput('bad-option', `--${option}: ${part} is no range`, 'Write it as 0..5.');
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(values)];
}

/** Not a number where nothing is written: Number('') would be 0. */
export function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

export const SERVER_HELP =
  'run its layers on llama.cpp’s server at this address; its key, if it asks for one, in SLOT_STUDIO_SERVER_KEY';
export const BASELINE_SERVER_HELP =
  'another server of the same model, for lanes without a shift; its key in SLOT_STUDIO_BASELINE_KEY';
export const HEAD_HELP =
  'the model that the server runs, on this machine: a .gguf file, a model folder, a hub id; or hub:organisation/name, of which the head alone is fetched';
export const ARITHMETIC_HELP = 'of layers in few bits: exact, or fast, which rounds activations to 8 bits';

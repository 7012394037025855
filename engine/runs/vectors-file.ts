/** A run's vectors as they travel: a safetensors file that says whose they are, checked against the run's events. */
import { z } from 'zod';
import { adapts, badInput, type RunEvent, RunId } from '../protocol';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  readMetadata,
  type StackedTensor,
} from './safetensors';
import { RunVectors } from './vectors';

/** float32 norms of the same vector, and the rounding of a number in JSON. */
const TOLERANCE = 1e-3;

interface TravellingVectors {
  readonly vectors: RunVectors;
  /** Token texts by id, where the file has them. */
  readonly tokens: readonly string[] | undefined;
}

/** @param tokens texts by id; without them the vectors cannot be shown by token where the model is not */
export function encodeVectorsFile(
  runId: string,
  tensors: readonly StackedTensor[],
  tokens: readonly string[] | undefined,
): Uint8Array {
  return encodeSafetensors(tensors, { runId, ...(tokens && { tokens: JSON.stringify(tokens) }) });
}

/** Whose vectors a file says it holds. @throws EngineError when it is no safetensors file of float32 arrays */
export function runIdOf(file: Uint8Array): string | undefined {
  return RunId.safeParse(readMetadata(file).runId).data;
}

/** @throws EngineError `safetensors`, `other-run` where the vectors are not those of the run with these events */
export function decodeVectorsFile(file: Uint8Array, events: readonly RunEvent[]): TravellingVectors {
  const tensors = decodeSafetensors(file);
  const [started] = events;
  if (started?.type !== 'run.started') throw otherRun('the run has no beginning');
  const { vocab, hidden } = started.model;
  const lanes = started.config.lanes.filter(adapts).map(({ name }) => name);
  const known = new Set(lanes.flatMap((lane) => PARTS.map((part) => `${lane}.${part}`)));
  const foreign = [...tensors.keys()].find((name) => !known.has(name));
  if (tensors.size === 0 || foreign !== undefined) throw otherRun(`the run has no "${foreign ?? 'vectors'}"`);
  for (const lane of lanes) {
    const [delta, ...rest] = PARTS.map((part) => tensors.get(`${lane}.${part}`));
    if (!delta && rest.every((tensor) => tensor === undefined)) continue;
    const widths = [delta?.shape[1], ...rest.map((tensor) => tensor?.shape.at(-1))];
    if (widths.join() !== [hidden, vocab, vocab, vocab].join())
      throw otherRun(`lane "${lane}" has a hidden size of ${hidden} and a vocabulary of ${vocab}`);
    checkNorms(lane, delta!, events);
  }
  return { vectors: RunVectors.fromTensors(tensors), tokens: tokensOf(readMetadata(file).tokens, vocab) };
}

const PARTS = ['delta', 'shift', 'meanP', 'baseMeanP'] as const;

/** Each step's event has the norm of its delta. */
function checkNorms(lane: string, { shape, data }: NamedTensor, events: readonly RunEvent[]): void {
  const steps = events.flatMap((event) => (event.type === 'slot.step' && event.lane === lane ? [event] : []));
  const [count = 0, width = 0] = shape;
  for (let row = 0; row < count; row++) {
    const norm = Math.hypot(...chunkNorms(data.subarray(row * width, (row + 1) * width)));
    const own = steps[row]?.deltaNorm ?? Number.NaN;
    if (Math.abs(norm - own) <= TOLERANCE * Math.max(norm, own)) continue;
    throw otherRun(`delta of lane "${lane}" after step ${row + 1} is another one`);
  }
}

/** In parts: Math.hypot takes each element as an argument, of which a call may have only so many. */
function chunkNorms(values: Float32Array): number[] {
  const norms: number[] = [];
  for (let at = 0; at < values.length; at += 1024) norms.push(Math.hypot(...values.subarray(at, at + 1024)));
  return norms;
}

function tokensOf(json: string | undefined, vocab: number): readonly string[] | undefined {
  if (json === undefined) return undefined;
  try {
    return z.array(z.string()).length(vocab).parse(JSON.parse(json));
  } catch {
    throw badInput('safetensors', 'the token texts of the vectors are damaged', 'Export them again.');
  }
}

function otherRun(why: string) {
  return badInput(
    'other-run',
    `these are not this run's vectors: ${why}`,
    'Choose the file that was exported with it.',
  );
}

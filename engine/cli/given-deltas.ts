/** `--delta NAME=SOURCE`: deltas of stored runs and of files, which lanes of the kind `given` add up. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Engine } from '../api/engine';
import { badInput, type GivenDelta, readSource, SOURCE_NOTATION, type WrittenSource } from '../protocol';

export const DELTA_HELP = `a delta for given lanes: NAME=${SOURCE_NOTATION}; may be repeated`;

export type NamedDeltas = ReadonlyMap<string, GivenDelta>;

/** As the runs that are kept here are limited. */
const MAX_BYTES = 2 ** 30;

/** @throws EngineError `bad-option`, `no-run`, `no-vectors`, `no-step`, `given-delta` */
export async function readDeltas(engine: Engine, written: readonly string[] = []): Promise<NamedDeltas> {
  const deltas = new Map<string, GivenDelta>();
  for (const text of written) {
    const read = readSource(text);
    if ('problem' in read) throw wrong(text, read.problem);
    if (deltas.has(read.name)) throw wrong(text, `another delta is named "${read.name}"`);
    const { given } = await engine.query('delta.read', await queryOf(read.source));
    deltas.set(read.name, given);
  }
  return deltas;
}

async function queryOf(source: WrittenSource) {
  if (source.kind === 'run') return source;
  const { path, ...place } = source;
  return { ...place, file: basename(path), bytes: await readBytes(path) };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 2 ** 20} MiB`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badInput('no-file', `${path} cannot be read: ${why}`);
  }
}

function wrong(text: string, why: string) {
  return badInput('bad-option', `--delta ${text}: ${why}`, 'See --help.');
}

/** What the list of models says of each, by names, sizes and config.json: no weights are looked into. */
import { accessSync, constants, existsSync } from 'node:fs';
import { z } from 'zod';
import { readConfig } from '../config/config';
import { isFolder } from '../files/read';
import { checkGgufFile } from '../model/gguf-source';
import { graphSources, SAFETENSORS_DTYPE } from '../model/graph-sources';
import { dtypeSizes, folderBytes } from '../model/sizes';
import { badInput, EngineError, type Failure, type ModelEntry, toEngineError, toFailure } from '../protocol';
import type { HubCache } from './cache';

type Summary = Pick<ModelEntry, 'family' | 'dtypes' | 'bytes'>;

/** @param path of a folder or a GGUF file @throws EngineError where it is no model; the system's own errors */
export function summarise(path: string): Summary {
  if (!existsSync(path)) {
    throw badInput(
      'folder-gone',
      `${path} is not there`,
      'Connect its drive, put it back, or take it off the list.',
    );
  }
  if (isFolder(path)) return ofSources(path);
  accessSync(path, constants.R_OK);
  checkGgufFile(path);
  return ofSources(path);
}

function ofSources(path: string): Summary {
  const dtypes = dtypeSizes(path);
  const isAllGguf = graphSources(path).every(({ parts }) => parts !== undefined);
  const family = isAllGguf ? null : (readConfig(path).model_type ?? null);
  return { family, dtypes, bytes: folderBytes(path) };
}

/** All snapshots together: each dtype from the first that has it. */
export function summariseCached(cache: HubCache, id: string): Summary {
  const summaries = cache.snapshots(id).map(({ folder }) => summarise(folder));
  const dtypes = new Map(
    summaries
      .flatMap((each) => each.dtypes)
      .reverse()
      .map((each) => [each.dtype, each]),
  );
  return {
    family: summaries[0]?.family ?? null,
    dtypes: [...dtypes.values()].sort((a, b) => a.dtype.localeCompare(b.dtype)),
    bytes: cache.size(id),
  };
}

const DECODER = /(?:ForCausalLM|LMHeadModel)$/;
const Architectures = z.looseObject({ architectures: z.array(z.string()).optional() });

/**
 * Whether a folder holds a model by its names, and no checkpoint of an encoder, of images and the like by its config.json.
 * @throws what reading the folder throws
 */
export function holdsDecoder(folder: string): boolean {
  try {
    const dtypes = graphSources(folder).map(({ dtype }) => dtype);
    return !dtypes.every((dtype) => dtype.startsWith(SAFETENSORS_DTYPE)) || isDecoder(folder);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'no-model') return false;
    throw error;
  }
}

/** Where config.json does not say, or cannot be read, opening it will tell. */
function isDecoder(folder: string): boolean {
  try {
    const { architectures } = Architectures.parse(readConfig(folder));
    return architectures === undefined || architectures.some((name) => DECODER.test(name));
  } catch {
    return true;
  }
}

export function problemOf(error: unknown, path: string): Failure {
  if (error instanceof EngineError) return toFailure(error);
  return toFailure(
    badInput(
      'unreadable-folder',
      `${path} cannot be read: ${toEngineError(error).message}`,
      'Check its permissions, or that its drive is connected.',
    ),
  );
}

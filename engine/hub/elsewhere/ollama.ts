/**
 * Ollama's models: a manifest by host, namespace, name and tag, whose layers name blobs by their hash. The one with the
 * weights is a GGUF file.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readBounded, readJson } from '../../files/read';
import { badInput, EngineError } from '../../protocol';
import { type Found, lookInto, namesIn } from './found';

/** How such a model is written where a model is asked for: `ollama:llama3.2:1b`. */
const PREFIX = 'ollama:';

const HOST = 'registry.ollama.ai';
const NAMESPACE = 'library';
const TAG = 'latest';
const PART = /^\w[\w.-]{0,254}$/;
const HOST_PART = /^\w[\w.:-]{0,254}$/;

/** Manifests have about one kilobyte. */
const MAX_BYTES = 2 ** 16;
const WEIGHTS = 'application/vnd.ollama.image.model';
const ADAPTER = 'application/vnd.ollama.image.adapter';
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'no sha256');
const Layer = z.looseObject({ mediaType: z.string().max(256), digest: Digest });
const Manifest = z.looseObject({
  config: z.looseObject({ digest: Digest }).optional().catch(undefined),
  layers: z.array(Layer).max(100),
});
const ImageConfig = z.looseObject({ model_family: z.string().max(200) });

/** A model's place below `manifests`. */
type Parts = readonly [host: string, namespace: string, name: string, tag: string];

export function isOllamaName(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** All of a folder that has `manifests` and `blobs`. */
export function ollamaModels(root: string): Found[] {
  const manifests = join(root, 'manifests');
  const below = (path: readonly string[], levels: number): Found[] => {
    const folder = join(manifests, ...path);
    return lookInto(folder, () =>
      namesIn(folder)
        .filter((name) => (path.length === 0 ? HOST_PART : PART).test(name))
        .flatMap((name) =>
          levels > 1 ? below([...path, name], levels - 1) : [found(root, partsOf([...path, name]))],
        ),
    );
  };
  return below([], 4);
}

/**
 * The model that a name means.
 * @param written `ollama:` and the name, of which host, namespace and tag may be left out
 * @throws EngineError where there is none, or it cannot be opened
 */
export function findOllama(roots: readonly string[], written: string): Found {
  const parts = parsed(written.slice(PREFIX.length));
  if (!parts) {
    throw badInput(
      'no-folder',
      `${written} is not a name of Ollama's`,
      'Give it as ollama:name or ollama:name:tag.',
    );
  }
  const root = roots.find((each) => isFile(join(each, 'manifests', ...parts)));
  if (root === undefined) {
    throw badInput(
      'not-cached',
      `Ollama has no ${shortName(parts)} on this machine`,
      `Get it with: ollama pull ${shortName(parts)}`,
    );
  }
  const model = found(root, parts);
  if (model.problem) throw model.problem;
  return model;
}

function found(root: string, parts: Parts): Found {
  const name = shortName(parts);
  const model = PREFIX + name;
  const manifest = join(root, 'manifests', ...parts);
  try {
    const { layers, config } = readManifest(manifest);
    const folder = weightsOf(root, name, layers);
    const family = config && readJson(blob(root, config.digest), MAX_BYTES, ImageConfig)?.model_family;
    return { model, name, folder, family: family ?? null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem =
      error instanceof EngineError
        ? error
        : badInput('unreadable-file', `${manifest} cannot be read: ${why}`, 'Check its permissions.');
    return { model, name, folder: manifest, problem };
  }
}

function readManifest(path: string): z.infer<typeof Manifest> {
  const parsed = Manifest.safeParse(JSON.parse(readBounded(path, MAX_BYTES).toString()));
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0]!;
  throw badInput('malformed-json', `${path}: ${at.join('.') || 'the file'}: ${message}`);
}

function weightsOf(root: string, name: string, layers: readonly z.infer<typeof Layer>[]): string {
  const weights = layers.filter(({ mediaType }) => mediaType === WEIGHTS);
  const [first] = weights;
  if (layers.some(({ mediaType }) => mediaType === ADAPTER)) {
    throw badInput(
      'unsupported-checkpoint',
      `${name} is an adapter over another model`,
      'Merge the two first.',
    );
  }
  if (!first || weights.length > 1) {
    throw badInput('unsupported-checkpoint', `${name} does not have its weights in one GGUF file`);
  }
  const path = blob(root, first.digest);
  if (isFile(path)) return path;
  throw badInput('missing-file', `${path} is missing`, `Get it again with: ollama pull ${name}`);
}

function blob(root: string, digest: string): string {
  return join(root, 'blobs', digest.replace(':', '-'));
}

/** @returns undefined for what is no name */
function parsed(written: string): Parts | undefined {
  const at = written.indexOf(':', written.lastIndexOf('/') + 1);
  const [path, tag] = at < 0 ? [written, TAG] : [written.slice(0, at), written.slice(at + 1)];
  const names = path.split('/');
  // More than three names are too many, whatever is put before them.
  const full = [HOST, NAMESPACE].slice(0, 3 - names.length).concat(names);
  const [host = '', ...rest] = full;
  if (full.length !== 3 || !HOST_PART.test(host) || ![...rest, tag].every((part) => PART.test(part)))
    return undefined;
  return partsOf([...full, tag]);
}

function partsOf([host = '', namespace = '', name = '', tag = '']: readonly string[]): Parts {
  return [host, namespace, name, tag];
}

function shortName([host, namespace, name, tag]: Parts): string {
  const before = host !== HOST ? [host, namespace] : namespace !== NAMESPACE ? [namespace] : [];
  return `${[...before, name].join('/')}:${tag}`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

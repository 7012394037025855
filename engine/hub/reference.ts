/** What a user writes or pastes where a model is asked for, as the folder, file, hub id or name of Ollama's that is meant. */
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGenaiFolder } from '../config/config';
import { isFolder } from '../files/read';
import { SAFETENSORS_DTYPE } from '../model/graph-sources';
import { dtypeOf, onnxFiles } from '../model/onnx-files';
import { badInput, readHubAddress } from '../protocol';
import { isOllamaName } from './elsewhere/ollama';

/** A file of a checkpoint, which is its folder's. */
const SAFETENSORS = /\.safetensors(?:\.index\.json)?$/i;

const NAMES = 'Give a model folder, organisation/name, or https://huggingface.co/organisation/name.';

interface ModelReference {
  /** A path of a folder or a GGUF file, a hub id, or `ollama:` and a name; null is the starter. */
  readonly model: string | null;
  /** Where an ONNX file was named. */
  readonly dtype: string | null;
  /** Where an address names a branch, tag or commit. */
  readonly revision: string | null;
}

/**
 * Takes a path as it is, in quotes, from `~` or as a file:// address: a folder, a file of weights in it, or a GGUF file;
 * a hub id, an address of a model or a file on the hub, and `ollama:name:tag`.
 * @param endpoint of the hub
 * @throws EngineError for an address that is no model's, and for an ONNX file that is no model's
 */
export function readReference(text: string | null, endpoint?: string): ModelReference {
  if (text === null || isFolder(text)) return { model: text, dtype: null, revision: null };
  const written = unquoted(text.trim());
  if (written === '') throw badInput('no-folder', 'the name of the model is empty', NAMES);
  const address = readHubAddress(written, endpoint);
  if (address) {
    const { id, revision, path } = address;
    const dtype = path.endsWith('.onnx') ? dtypeOfFile(path) : null;
    return { model: id, dtype, revision: revision === 'main' ? null : revision };
  }
  if (isOllamaName(written)) return { model: written, dtype: null, revision: null };
  const path = pathOf(written);
  if (isFolder(path)) return { model: path, dtype: null, revision: null };
  if (SAFETENSORS.test(path)) {
    const model = dirname(path);
    // Beside ONNX files the folder alone would mean those.
    return { model, dtype: onnxFiles(model).size > 0 ? SAFETENSORS_DTYPE : null, revision: null };
  }
  if (!/\.onnx$/i.test(path)) return { model: path, dtype: null, revision: null };
  const own = dirname(path);
  // The name of onnxruntime-genai's file says nothing of its weights.
  if (isGenaiFolder(own)) return { model: own, dtype: null, revision: null };
  const folder = basename(own) === 'onnx' ? dirname(own) : own;
  return { model: folder, dtype: dtypeOfFile(path), revision: null };
}

function dtypeOfFile(path: string): string {
  const dtype = dtypeOf(basename(path));
  if (dtype !== undefined) return dtype;
  throw badInput(
    'no-onnx',
    `${path} is not a file of a model's weights by its name`,
    'Give the folder that holds config.json and onnx/model*.onnx, or that model*.onnx itself.',
  );
}

/** What Explorer's "Copy as path" and shells put around a path. */
function unquoted(text: string): string {
  const [, inside] = /^(?:"(.+)"|'(.+)'|“(.+)”)$/s.exec(text)?.filter((part) => part !== undefined) ?? [];
  return inside?.trim() ?? text;
}

function pathOf(text: string): string {
  if (/^~(?=[/\\]|$)/.test(text)) return join(homedir(), text.slice(1));
  if (!/^[a-z][a-z+.-]+:\/\//i.test(text)) return text;
  try {
    if (/^file:/i.test(text)) return fileURLToPath(text);
  } catch {
    // It is refused below.
  }
  throw badInput('no-folder', `${text} is neither a folder of this machine nor an address on the hub`, NAMES);
}

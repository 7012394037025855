/** What to do about a folder that holds no model: by the names in it, and in the folders below. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../files/read';

/** Of each folder, in the order of their names: enough to name one. */
const LOOKED_INTO = 30;

const PICKLED = /^pytorch_model.*\.bin$|\.(?:pth|pt|ckpt)$/;

/** @param holdsModel of a folder, which may throw where one is damaged */
export function hintForFolder(path: string, holdsModel: (folder: string) => boolean): string {
  const names = namesIn(path);
  if (names.includes('adapter_config.json'))
    return 'It holds an adapter alone: merge it into its base model first.';
  const pickled = names.find((name) => PICKLED.test(name));
  if (pickled !== undefined)
    return `Weights in ${pickled} are not read: get the model in safetensors, or save it so with transformers.`;
  const below = modelBelow(path, holdsModel);
  if (below !== undefined) return `Give a folder below it that does, such as ${below}`;
  const other = names.find((name) => name.endsWith('.safetensors'));
  if (other !== undefined)
    return `${other} does not have the name that transformers gives a checkpoint: model.safetensors.`;
  return 'Give a folder in the onnx-community layout (config.json, tokenizer.json, onnx/model*.onnx), a checkpoint of transformers, or a GGUF file.';
}

/** A model one or two folders down, as the Hugging Face cache has its snapshots and LM Studio its publishers' models. */
function modelBelow(path: string, holdsModel: (folder: string) => boolean): string | undefined {
  const below = foldersIn(path);
  return [...below, ...below.flatMap(foldersIn)].find((folder) => {
    try {
      return holdsModel(folder);
    } catch {
      return false;
    }
  });
}

function foldersIn(path: string): string[] {
  return namesIn(path)
    .slice(0, LOOKED_INTO)
    .map((name) => join(path, name))
    .filter(isFolder);
}

/** Sorted, hidden ones left out; none where that is no folder, or may not be read. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}

/** Checkpoints without an ONNX export: all that opening one does before onnxruntime sees the decoder. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, FLOAT_TYPES, type StoredTensor } from '../../engine/checkpoint/checkpoint';
import { readGguf } from '../../engine/checkpoint/gguf/read';
import { openCheckpoint } from '../../engine/checkpoint/open';
import { readSafetensors } from '../../engine/checkpoint/safetensors/read';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { savedFamily, writeFamily } from '../checkpoint/families';
import { smallLlama, TENSORS } from '../checkpoint/gguf/small-llama';
import { tokenizerMetadata } from '../checkpoint/gguf/typed';
import { mutateGguf } from './mutate-gguf';
import { mutateJson } from './mutate-json';
import type { Subject } from './subject';
import { mutateSafetensors, readTexts } from './text-subjects';

/** Those with blocks are prepared first. */
function open(checkpoint: Checkpoint, path: string): void {
  const isFloat = ({ type }: StoredTensor) => FLOAT_TYPES.some((float) => float === type);
  if (![...checkpoint.tensors.values()].every(isFloat)) return;
  const file = openCheckpoint(checkpoint, path);
  try {
    findHead(file.model);
  } finally {
    file.close();
  }
}

/** @param folder for the mutants */
export function checkpointSubjects(folder: string): Subject[] {
  return [ggufSubject(join(folder, 'mutant.gguf')), safetensorsSubject(join(folder, 'mutant-checkpoint'))];
}

function ggufSubject(path: string): Subject {
  const template = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
  const metadata = { ...tokenizerMetadata(), 'tokenizer.chat_template': template };
  const tied = smallLlama(metadata);
  const untied = smallLlama(metadata, [...TENSORS, { ...TENSORS[0]!, name: 'output.weight' }]);
  return {
    name: 'gguf',
    share: 6,
    attempt: (random) => {
      writeFileSync(path, mutateGguf(random.pick([tied, untied]), random));
      open(readGguf(path), path);
      readTexts(path);
    },
  };
}

/** One file of a folder is changed: the config, the index of shards, or a shard. */
function safetensorsSubject(folder: string): Subject {
  writeFamily(folder, savedFamily(), { shards: 2 });
  const originals = readdirSync(folder)
    .filter((name) => /^(config|model)/.test(name))
    .map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) }));
  return {
    name: 'safetensors',
    share: 4,
    attempt: (random) => {
      const { path, bytes } = random.pick(originals);
      const isJson = path.endsWith('.json');
      const mutant = isJson
        ? mutateJson(JSON.parse(bytes.toString()), random)
        : mutateSafetensors(bytes, random);
      writeFileSync(path, mutant);
      try {
        open(readSafetensors(folder), folder);
      } finally {
        writeFileSync(path, bytes);
      }
    },
  };
}

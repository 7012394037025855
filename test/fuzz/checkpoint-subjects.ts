/** Checkpoints without an ONNX export: all that opening one does before onnxruntime sees the decoder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, FLOAT_TYPES, type StoredTensor } from '../../engine/checkpoint/checkpoint';
import { readGguf } from '../../engine/checkpoint/gguf/read';
import { openCheckpoint } from '../../engine/checkpoint/open';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { smallLlama, TENSORS } from '../checkpoint/gguf/small-llama';
import { mutateGguf } from './mutate-gguf';
import type { Subject } from './subject';

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
  const path = join(folder, 'mutant.gguf');
  const tied = smallLlama();
  const untied = smallLlama({}, [...TENSORS, { ...TENSORS[0]!, name: 'output.weight' }]);
  return [
    {
      name: 'gguf',
      share: 6,
      attempt: (random) => {
        writeFileSync(path, mutateGguf(random.pick([tied, untied]), random));
        open(readGguf(path), path);
      },
    },
  ];
}

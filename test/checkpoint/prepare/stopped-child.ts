/** Prepares a model, and stands still after the first piece until it is killed: argv is the model's file and the folder. */
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { HALTED, hollowCheckpoint, SCHEME } from './hollow';

const [file, folder] = process.argv.slice(2);

void prepare(hollowCheckpoint(file!), SCHEME, {
  folder: folder!,
  name: 'tiny',
  signal: new AbortController().signal,
  onProgress: ({ done }) => {
    if (done === 0) return;
    process.stdout.write(HALTED);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});

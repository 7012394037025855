/** A snapshot of the Hugging Face cache, all links into blobs/, is the model that it links to. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { one, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { FIXTURES, PROMPT } from './traces';

const engine = testEngine();
const cache = temporaryFolder();

/** `folder` as huggingface_hub lays it out: blobs by their hashes, and links to them. */
function snapshotOf(folder: string): string {
  const model = join(cache, `models--tiny--${basename(folder)}`);
  const blobs = join(model, 'blobs');
  const snapshot = join(model, 'snapshots', '0123456789abcdef');
  mkdirSync(blobs, { recursive: true });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(folder, file)).isFile()) continue;
    const blob = join(
      blobs,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    );
    const link = join(snapshot, file);
    cpSync(join(folder, file), blob);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), blob), link);
  }
  return snapshot;
}

it.each(['llama-asymmetric', 'genai-llama'])('%s, whose weights lie in a file of their own', async (name) => {
  const answers = [];
  for (const folder of [join(FIXTURES, name), snapshotOf(join(FIXTURES, name))]) {
    const events = await runEvents(engine, {
      model: { folder },
      prompt: { kind: 'raw', text: PROMPT },
      lanes: [{ name: 'slot', steps: 2 }],
      generation: { maxNewTokens: 4, ignoreEos: true },
    });
    answers.push([one(events, 'slot.done').finalLoss, one(events, 'lane.done').ids]);
  }
  expect(answers[1]).toEqual(answers[0]);
});

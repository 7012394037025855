/** What makes a result again: the command, versions, and hashes of everything that was read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { OpenedModel } from '../generate/open-model';
import { baseOf, inspectFolder } from '../model/inspect';
import { runtimeVersion } from '../onnx/runtime/session';
import { type EvaluationConfig, GRADERS, type Provenance } from '../protocol';
import { commandOf } from './command';
import type { Prepared } from './prepare';

/** As far from package.json in the bundle (dist/electron) as in the source (engine/evaluate). */
export const { version: appVersion } = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../../package.json'));

/** Reads every file of the model once, and tries how its rows share a batch. @throws the signal's reason */
export async function provenanceOf(
  config: EvaluationConfig,
  { problems, dataset }: Pick<Prepared, 'problems' | 'dataset'>,
  { model, server }: Pick<OpenedModel, 'model' | 'server'>,
  signal: AbortSignal,
): Promise<Provenance> {
  const { folder } = model;
  const { files } = inspectFolder(folder.path, folder.dtype, {
    source: 'folder',
    model: null,
    name: folder.id,
  });
  const hashed: Provenance['model']['files'] = [];
  for (const { path, bytes } of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(baseOf(folder.path), path)), hash, { signal });
    hashed.push({ path, bytes, sha256: hash.digest('hex') });
  }
  const { source, licence, gold, total } = dataset;
  return {
    command: commandOf(config),
    app: appVersion,
    onnxruntime: runtimeVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    model: { id: folder.id, dtype: folder.dtype, files: hashed },
    dataset: {
      source,
      licence,
      gold,
      total,
      sha256: createHash('sha256').update(JSON.stringify(problems)).digest('hex'),
    },
    graders: config.graders.map(({ name }) => ({
      name,
      version: GRADERS.find((grader) => grader.name === name)!.version,
    })),
    batching: await model.batching(),
    ...(server ? { server } : {}),
  };
}

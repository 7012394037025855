/** Which files of a model's repository a run needs: of an ONNX export, of a checkpoint, or of one GGUF file. */
import { isSafetensorsName, mainSafetensors } from '../checkpoint/safetensors/read';
import { ggufNames, isSameModel } from '../model/gguf-files';
import { preferredDtype, SAFETENSORS_DTYPE, withDtype } from '../model/graph-sources';
import { CONFIG_FILES } from '../model/inspect';
import { dtypeOf, GENAI_DTYPE, isDataOf } from '../model/onnx-files';
import { badInput, type DtypeSize, type ModelFormat } from '../protocol';
import type { HubConnection } from './connection';
import { type Repo, type RepoFile, readRepo } from './repo';

/** What holds one dtype: first the file that is read first, which is placed last. */
interface Variant {
  readonly format: ModelFormat;
  readonly dtype: string;
  readonly weights: readonly [RepoFile, ...RepoFile[]];
}

/** What a run reads, and nothing else. */
export interface Parts extends Variant {
  readonly configs: readonly RepoFile[];
}

/** @throws EngineError: not there, no access, no connection, or an answer that cannot be trusted */
export function readModelRepo(hub: HubConnection, id: string, revision: string): Promise<Repo> {
  return readRepo(hub, id, revision, 'model', isPart);
}

/** @param dtype null: the one that opens by default @throws EngineError `no-model`, `no-dtype` */
export function partsOf(repo: Repo, dtype: string | null): Parts {
  const variants = variantsOf(repo);
  const dtypes = variants.map((each) => each.dtype);
  const chosen = dtype ?? preferredDtype(dtypes);
  const variant = chosen === undefined ? undefined : withDtype(variants, chosen);
  if (!variant) {
    throw badInput('no-dtype', `${repo.id} has no dtype "${chosen}"`, `It has: ${dtypes.join(', ')}.`);
  }
  // A GGUF says all of itself.
  const configs = variant.format === 'gguf' ? [] : repo.files.filter(({ path }) => isConfig(path));
  return { ...variant, configs };
}

/** @throws EngineError `no-model` */
export function repoDtypes(repo: Repo): DtypeSize[] {
  return variantsOf(repo).map(({ dtype, weights }) => {
    // Without the index of shards.
    const files = weights.filter(({ path }) => !path.endsWith('.json'));
    return { dtype, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}

/** As `graphSources` finds them in a folder. */
function variantsOf(repo: Repo): Variant[] {
  const variants = [...onnxVariants(repo), ...safetensorsVariants(repo), ...ggufVariants(repo)];
  if (variants.length > 0) return variants;
  const { id, elsewhere } = repo;
  throw badInput(
    'no-model',
    `${id} has no ONNX files of a decoder (onnx/model*.onnx), no model.safetensors and no .gguf file`,
    elsewhere === undefined
      ? `Look for an export of it: models search ${id.split('/')[1]}`
      : `If ${elsewhere} holds a model, get that folder with \`hf download\` and give its path.`,
  );
}

/** In `onnx/` or, failing that, at the top; of onnxruntime-genai's the file that its model builder writes. */
function onnxVariants({ files }: Repo): Variant[] {
  const variant = (dtype: string, onnx: RepoFile): Variant => {
    const data = files.filter(({ path }) => isDataOf(onnx.path, path));
    return { format: 'onnx', dtype, weights: [onnx, ...data] };
  };
  const isGenai = files.some(({ path }) => path === 'genai_config.json');
  for (const folder of ['onnx/', '']) {
    const built = files.find(({ path }) => path === 'model.onnx');
    if (folder === '' && isGenai && built) return [variant(GENAI_DTYPE, built)];
    const found = files.flatMap((file) => {
      const dtype = dtypeOf(nameIn(folder, file.path) ?? '');
      return dtype === undefined ? [] : [[dtype, file] as const];
    });
    if (found.length > 0) return [...new Map(found)].map(([dtype, file]) => variant(dtype, file));
  }
  return [];
}

function safetensorsVariants({ files }: Repo): Variant[] {
  const main = mainSafetensors(files.map(({ path }) => path));
  const first = files.find(({ path }) => path === main);
  if (!first) return [];
  const isShard = ({ path }: RepoFile) =>
    path !== main && path.startsWith('model-') && isSafetensorsName(path);
  const shards = first.path.endsWith('.json') ? files.filter(isShard) : [];
  return [{ format: 'safetensors', dtype: SAFETENSORS_DTYPE, weights: [first, ...shards] }];
}

function ggufVariants({ files }: Repo): Variant[] {
  const atTop = files.filter(({ path }) => isGgufName(path));
  return [...ggufNames(atTop.map(({ path }) => path))].map(([dtype, name]) => {
    const isPart = ({ path }: RepoFile) => path !== name && isSameModel(path, name);
    const first = atTop.find(({ path }) => path === name)!;
    return { format: 'gguf', dtype, weights: [first, ...atTop.filter(isPart)] };
  });
}

/** Only names of these forms are ever used: whatever else a server lists can become no path here. */
function isPart(path: string): boolean {
  const name = nameIn('onnx/', path) ?? path;
  const onnx = name.replace(/[._]data(_\d+)?$/, '');
  return isConfig(path) || isSafetensorsName(path) || isGgufName(path) || dtypeOf(onnx) !== undefined;
}

function isGgufName(path: string): boolean {
  return /^\w[\w. +-]*\.gguf$/i.test(path);
}

function isConfig(path: string): boolean {
  return (CONFIG_FILES as readonly string[]).includes(path);
}

function nameIn(folder: string, path: string): string | undefined {
  const name = path.startsWith(folder) ? path.slice(folder.length) : '';
  return name === '' || name.includes('/') ? undefined : name;
}

/** What is told of a model that is open. */
import { groupInfo, resolveGroups } from '../analysis/groups';
import type { OpenedModel } from '../generate/open-model';
import { offeredDevices } from '../onnx/runtime/session';
import type { ModelInfo } from '../protocol';

/** @param dtypes that lie in its folder now: some may have come or gone since it was opened */
export function modelInfo(
  { model, device, arithmetic, rounding, server }: OpenedModel,
  dtypes: readonly string[],
): ModelInfo {
  const { folder, headInfo, tokenizer } = model;
  const groups = resolveGroups(tokenizer, headInfo.vocab, model.stopIds);
  return {
    id: folder.id,
    folder: folder.path,
    dtype: folder.dtype,
    dtypes: [...dtypes],
    projection: headInfo.projection.operator,
    tail: headInfo.tail.map(({ op }) => op),
    vocab: headInfo.vocab,
    hidden: headInfo.hiddenSize,
    layers: model.layers,
    contextLength: model.contextLength ?? null,
    hasChatTemplate: model.template !== undefined,
    templateVariables: model.template?.variables() ?? [],
    devices: offeredDevices(),
    device,
    arithmetic,
    rounding,
    server,
    groups: groupInfo(groups, tokenizer),
  };
}

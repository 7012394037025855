/** A search for models on the hub. */
import { listModels } from '@huggingface/hub';
import { type HubModel, ModelFormat } from '../protocol';
import type { HubConnection } from './connection';
import { trusted } from './repo';

/** Files of GGUF are often published without a task. */
const KINDS: readonly { readonly tags: string[]; readonly task?: 'text-generation' }[] = [
  { tags: ['onnx'], task: 'text-generation' },
  { tags: ['safetensors'], task: 'text-generation' },
  { tags: ['gguf'] },
];

function formatsOf(tags: readonly string[]): ModelFormat[] {
  return ModelFormat.options.filter((format) => tags.includes(format));
}

/** Models in a format that opens here, the most downloaded first. */
export async function searchHub(
  hub: HubConnection,
  query: string,
  limit: number,
  isCached: (id: string) => boolean,
): Promise<HubModel[]> {
  const found = new Map<string, HubModel>();
  const ask = async (kind: (typeof KINDS)[number]) => {
    const models = listModels({
      search: { query, ...kind },
      additionalFields: ['tags'],
      sort: 'downloads',
      limit,
      hubUrl: hub.endpoint,
      fetch: hub.fetch,
    });
    for await (const { name, downloads, likes, updatedAt, gated, tags } of models) {
      found.set(name, {
        id: name,
        downloads: downloads ?? 0,
        likes: likes ?? 0,
        updatedAt: updatedAt.toISOString(),
        gated: gated !== false,
        isCached: isCached(name),
        formats: formatsOf([...kind.tags, ...(tags ?? []), ...(found.get(name)?.formats ?? [])]),
      });
    }
  };
  await trusted(() => Promise.all(KINDS.map(ask)));
  return [...found.values()].sort((a, b) => b.downloads - a.downloads).slice(0, limit);
}

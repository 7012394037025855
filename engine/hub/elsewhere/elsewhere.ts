/** The models that other tools keep on this machine. */
import type { Found, FoundSource } from './found';
import { llamaCppModels } from './llamacpp';
import { lmStudioModels } from './lmstudio';
import { findOllama, ollamaModels } from './ollama';
import { type Places, places } from './places';

export class Elsewhere {
  constructor(private readonly at: Places = places()) {}

  /** By names and small manifests alone; a tool that is not here has none. @param holdsModel see `lmStudioModels` */
  list(holdsModel: (folder: string) => boolean): [FoundSource, Found][] {
    const all = (source: FoundSource, roots: readonly string[], models: (root: string) => Found[]) =>
      roots.flatMap(models).map((model): [FoundSource, Found] => [source, model]);
    return [
      ...all('lmstudio', this.at.lmstudio, (root) => lmStudioModels(root, holdsModel)),
      ...all('ollama', this.at.ollama, ollamaModels),
      ...all('llamacpp', this.at.llamacpp, llamaCppModels),
    ];
  }

  /** @throws EngineError, see `findOllama` */
  ollama(name: string): Found {
    return findOllama(this.at.ollama, name);
  }
}

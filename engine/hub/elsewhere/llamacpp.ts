/** llama.cpp's own cache: GGUF files in one folder. Newer versions keep them in the Hugging Face cache. */
import { join } from 'node:path';
import { isModelFile, modelName } from '../../model/gguf-files';
import { type Found, lookInto, namesIn } from './found';

export function llamaCppModels(root: string): Found[] {
  return lookInto(root, () =>
    namesIn(root)
      .filter(isModelFile)
      .map((name) => ({ model: join(root, name), name: modelName(name), folder: join(root, name) })),
  );
}

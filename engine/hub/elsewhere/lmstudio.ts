/** LM Studio's models: `<publisher>/<model>`, a folder of GGUF files or of safetensors each. */
import { join } from 'node:path';
import { isFolder } from '../../files/read';
import { type Found, lookInto, namesIn } from './found';

/** @param holdsModel whether a folder is one of a model's, by its names */
export function lmStudioModels(root: string, holdsModel: (folder: string) => boolean): Found[] {
  return lookInto(root, () => namesIn(root).flatMap((publisher) => modelsOf(root, publisher, holdsModel)));
}

function modelsOf(root: string, publisher: string, holdsModel: (folder: string) => boolean): Found[] {
  const own = join(root, publisher);
  return lookInto(own, () =>
    namesIn(own).flatMap((name) => {
      const folder = join(own, name);
      return lookInto(folder, () =>
        isFolder(folder) && holdsModel(folder)
          ? [{ model: folder, name: `${publisher}/${name}`, folder }]
          : [],
      );
    }),
  );
}

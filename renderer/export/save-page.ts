/** Hands a page to the browser's download, and says how large it is. */
import prettyBytes from 'pretty-bytes';
import type { Studio } from '../state/studio-context';
import { type PageContent, writePage } from './page-file';
import { saveFile } from './save-file';

export async function savePage(
  { shell, toasts }: Pick<Studio, 'shell' | 'toasts'>,
  name: string,
  content: PageContent,
  note = '',
): Promise<void> {
  const viewer = await shell.readViewer?.();
  if (viewer === undefined) throw new Error('a page cannot be exported from a page: save a copy of it');
  const page = await writePage(viewer, content);
  saveFile(name, 'html', page);
  toasts.say(`The page has ${prettyBytes(page.size)}. It opens in any browser, without SLOT Studio.${note}`);
}

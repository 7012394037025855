/** Writes notices.txt into the built window, which shows it. The processes are built before, so that theirs are in it. */
import type { Plugin } from 'vite';
import { BundledList, components } from './components';
import { noticesText } from './notices';

/** @param list the name of the list that `build.license` writes */
export function noticesPlugin(root: string, list: string): Plugin {
  return {
    name: 'slot-studio:notices',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const asset = bundle[list];
        if (asset?.type !== 'asset') throw new Error(`no ${list} of what the window is built of`);
        const text = typeof asset.source === 'string' ? asset.source : new TextDecoder().decode(asset.source);
        const all = components(root, BundledList.parse(JSON.parse(text)));
        this.emitFile({ type: 'asset', fileName: 'notices.txt', source: noticesText(root, all) });
      },
    },
  };
}

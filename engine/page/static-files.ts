/** Maps the path of a URL to a file of the built window; nothing outside that folder can be named. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';

interface StaticFile {
  /** Relative to the root, with forward slashes. */
  name: string;
  type: string;
  body: Buffer;
}

export const INDEX = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** The file that `pathname` (still percent-encoded) names under `root`, or null. */
export async function readStaticFile(root: string, pathname: string): Promise<StaticFile | null> {
  const segments = decodeSegments(pathname);
  if (segments === null) return null;
  const name = segments.length === 0 ? INDEX : segments.join('/');
  const type = TYPES[extname(name).toLowerCase()];
  if (type === undefined) return null;
  try {
    // A link inside the folder must not lead out of it either.
    const [folder, file] = await Promise.all([realpath(root), realpath(join(root, ...name.split('/')))]);
    const inside = relative(folder, file);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null;
    return { name, type, body: await readFile(file) };
  } catch {
    return null;
  }
}

function decodeSegments(pathname: string): string[] | null {
  if (!pathname.startsWith('/')) return null;
  if (pathname === '/') return [];
  try {
    const segments = pathname.slice(1).split('/').map(decodeURIComponent);
    return segments.every(isPlainName) ? segments : null;
  } catch {
    return null;
  }
}

/** Neither empty, nor hidden, nor '..', nor able to hold a separator, a drive or a stream of any platform. */
function isPlainName(segment: string): boolean {
  return /^[\w@+-][\w@+.-]*$/.test(segment);
}

/** Serves the built window under app://, and nothing else. */
import { protocol } from 'electron';
import { securityHeaders } from '../engine/page/security';
import { INDEX, readStaticFile } from '../engine/page/static-files';
import { isOwnUrl } from './channels';
import { SCHEME } from './names';

/** Must run before the app is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Answers the page's own requests from `root`. */
export function serveWindow(root: string): void {
  const headers = securityHeaders();
  const refuse = (status: number, text: string) =>
    new Response(text, { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } });

  protocol.handle(SCHEME, async (request) => {
    if (!isOwnUrl(request.url)) return refuse(403, 'not SLOT Studio');
    if (request.method !== 'GET') return refuse(405, 'only GET');
    const { pathname } = new URL(request.url);
    const file = await readStaticFile(root, pathname);
    if (file === null) {
      const isPage = pathname === '/' || pathname === `/${INDEX}`;
      return refuse(404, isPage ? 'The window is not built: run npm run build.' : 'no such file');
    }
    // What the page loads is on this disk: a cache could only be out of date.
    const own = { 'content-type': file.type, 'cache-control': 'no-store' };
    return new Response(new Uint8Array(file.body), { headers: { ...headers, ...own } });
  });
}

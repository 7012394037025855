/** Keeps the page what it is: no navigation, no new windows, no permissions, no webviews. */
import { type Session, shell, type WebContents } from 'electron';
import { PAGE_URL } from './names';

/** Hosts whose pages a link may open, in the user's browser. */
const LINK_HOSTS = ['arxiv.org', 'github.com', 'huggingface.co', 'onnxruntime.ai'];

function isAllowedLink(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === 'https:' && LINK_HOSTS.includes(host) && username === '' && password === '';
}

export function lockContents(contents: WebContents): void {
  const openOutside = (url: string) => {
    if (isAllowedLink(url)) void shell.openExternal(url);
  };
  contents.on('will-navigate', (event) => {
    // The page may be reloaded, and go nowhere else.
    if (event.isMainFrame && event.url.split('#', 1)[0] === PAGE_URL) return;
    event.preventDefault();
    openOutside(event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

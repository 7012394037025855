/** Answers the browser's HTTP requests: the built window, behind the token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnHost, newSecret, sameSecret, securityHeaders } from '../page/security';
import { INDEX, readStaticFile } from '../page/static-files';
import { Tickets } from './tickets';

interface PageOptions {
  /** Folder of the built window. */
  root: string;
  port: number;
  token: string;
}

export class Pages {
  readonly #options: PageOptions;
  readonly #headers: Record<string, string>;
  /**
   * Lets a tab reload, whose token is in its own storage by then. Cookies of 127.0.0.1 reach the servers on other
   * ports too: this one opens the page, which holds no secrets, and never the engine.
   */
  readonly #pageKey = newSecret();
  readonly #tickets = new Tickets(60_000);
  /**
   * Carries a browser over the redirect that keeps token and ticket out of its history, to a page that holds the token.
   */
  readonly #entries = new Tickets(30_000);

  constructor(options: PageOptions) {
    this.#options = options;
    const { port } = options;
    this.#headers = securityHeaders([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);
  }

  /** A path that leads to the window once, within a minute. `isGone` resolves when it does no longer. */
  ticket(): { path: string; isGone: Promise<void> } {
    const { secret, isGone } = this.#tickets.issue();
    return { path: `/?ticket=${secret}`, isGone };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { root, port, token } = this.#options;
    const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
      const body = Buffer.from(`${text}\n`);
      const type = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
      this.#send(request, response, status, { ...type, ...headers }, body);
    };
    if (!isOwnHost(request.headers.host, port)) {
      return refuse(
        403,
        `This server answers to 127.0.0.1:${port} only; a tunnel must keep the port number.`,
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(405, 'Only GET and HEAD are answered.', { allow: 'GET, HEAD' });
    }
    const { pathname, query } = splitTarget(request.url ?? '');
    const file = await readStaticFile(root, pathname);
    if (file === null) return refuse(404, 'There is no such file.');
    if (file.name !== INDEX) {
      // Vite names what lies in assets/ after its content.
      const caching = file.name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      const headers = { 'content-type': file.type, 'cache-control': caching };
      return this.#send(request, response, 200, headers, file.body);
    }
    const isEntitled = sameSecret(soleToken(query), token) || this.#tickets.use(query.get('ticket'));
    if (isEntitled) {
      const entry = this.#cookie('entry', this.#entries.issue().secret, 'Max-Age=30; SameSite=Lax');
      return refuse(303, 'Opening SLOT Studio.', { location: '/', 'set-cookie': entry });
    }
    const isEntering = this.#entries.use(this.#readCookie(request, 'entry'));
    if (!isEntering && !sameSecret(this.#readCookie(request, 'page'), this.#pageKey)) {
      return refuse(403, 'Open the full address that SLOT Studio printed in its terminal, with its token.');
    }
    this.#send(
      request,
      response,
      200,
      {
        'content-type': file.type,
        'cache-control': 'no-store',
        // Not Strict: to a browser that came from a file, its reloads come from there, too.
        'set-cookie': this.#cookie('page', this.#pageKey, 'SameSite=Lax'),
      },
      isEntering ? withToken(file.body, token) : file.body,
    );
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    headers: Record<string, string>,
    body: Buffer,
  ): void {
    response.writeHead(status, { ...this.#headers, ...headers, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #cookie(name: CookieName, value: string, attributes: string): string {
    return `${this.#cookieName(name)}=${value}; Path=/; HttpOnly; ${attributes}`;
  }

  #readCookie(request: IncomingMessage, name: CookieName): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const prefix = `${this.#cookieName(name)}=`;
    return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length);
  }

  /** Cookies do not tell ports apart. */
  #cookieName(name: CookieName): string {
    return `slot-studio-${name}-${this.#options.port}`;
  }
}

type CookieName = 'entry' | 'page';

/** The page with the token in it, where only the page itself reads it; renderer/websocket-transport.ts does. */
function withToken(page: Buffer, token: string): Buffer {
  const meta = `</title><meta name="slot-studio-token" content="${token}">`;
  return Buffer.from(page.toString().replace('</title>', meta));
}

/** The path, still encoded, and the query of a request's target. Only the origin form ('/…') names a file. */
export function splitTarget(target: string): { pathname: string; query: URLSearchParams } {
  const [beforeHash = ''] = target.split('#', 1);
  const at = beforeHash.indexOf('?');
  if (at === -1) return { pathname: beforeHash, query: new URLSearchParams() };
  return { pathname: beforeHash.slice(0, at), query: new URLSearchParams(beforeHash.slice(at + 1)) };
}

/** The token, if it is given exactly once. */
export function soleToken(query: URLSearchParams): string | null {
  const given = query.getAll('token');
  return given.length === 1 ? given[0]! : null;
}

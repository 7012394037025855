/** Answers the browser's HTTP requests: the built window, behind the token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnHost, newSecret, sameSecret, securityHeaders } from './security';
import { INDEX, readStaticFile } from './static-files';

export interface PageOptions {
  /** Folder of the built window. */
  root: string;
  port: number;
  token: string;
}

export class Pages {
  readonly #options: PageOptions;
  readonly #headers: Record<string, string>;
  /**
   * Lets a tab reload after the window has taken the token out of its address. Cookies of 127.0.0.1 reach the
   * servers on other ports too: this one opens the page, which holds no secrets, and never the engine.
   */
  readonly #pageKey = newSecret();
  readonly #tickets = new Set<string>();

  constructor(options: PageOptions) {
    this.#options = options;
    const { port } = options;
    this.#headers = securityHeaders([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);
  }

  /** A path that leads to the window once: other users can read a browser's command line, but too late. */
  ticket(): string {
    const ticket = newSecret();
    this.#tickets.add(ticket);
    return `/?ticket=${ticket}`;
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
    if (this.#tickets.delete(query.get('ticket') ?? '')) {
      return refuse(302, 'Opening SLOT Studio.', { location: `/?token=${token}` });
    }
    if (!sameSecret(soleToken(query), token) && !this.#hasPageKey(request)) {
      return refuse(403, 'Open the full address that SLOT Studio printed in its terminal, with its token.');
    }
    this.#send(
      request,
      response,
      200,
      {
        'content-type': file.type,
        'cache-control': 'no-store',
        'set-cookie': `${this.#cookieName()}=${this.#pageKey}; Path=/; HttpOnly; SameSite=Strict`,
      },
      file.body,
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

  #cookieName(): string {
    return `slot-studio-${this.#options.port}`;
  }

  #hasPageKey(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const prefix = `${this.#cookieName()}=`;
    const own = cookies.find((cookie) => cookie.startsWith(prefix));
    return sameSecret(own?.slice(prefix.length), this.#pageKey);
  }
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

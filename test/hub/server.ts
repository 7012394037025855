/**
 * The Hugging Face hub on this machine: its API, its headers and its redirects to a CDN of another origin, over
 * model folders on disk. What goes wrong is said by the test; what was asked and served is counted.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Asked, type Content, contentsOf, send, sendJson, type Trouble } from './contents';

/** A repository (of a data set: `datasets/organisation/name`): a folder's files, and any that the test makes up. */
export interface HostedRepo {
  readonly folder: string;
  readonly commit?: string;
  /** Files from this size on are LFS files, served by the CDN. */
  readonly lfsFrom?: number;
  /** Tree entries as the server tells them, besides those of the folder. */
  readonly extra?: readonly object[];
  /** Says nothing of a file's commit, size and hash. */
  readonly isMirror?: boolean;
  /** Who may read it. */
  readonly token?: string;
}

const PAGE = 3;
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export class HubServer {
  readonly asked: Asked[] = [];
  /** Consulted for each request; `before` counts earlier ones of the same path. */
  trouble: (asked: Asked, before: number) => Trouble | undefined = () => undefined;
  private readonly contents = new Map<string, Map<string, Content>>();

  private constructor(
    private readonly repos: Record<string, HostedRepo>,
    private readonly hub: Server | TlsServer,
    private readonly cdn: Server,
  ) {
    hub.on('request', (request, response) => this.answer('hub', request, response));
    cdn.on('request', (request, response) => this.answer('cdn', request, response));
  }

  /** @param tls with it the hub speaks https, and sends to a CDN that does not */
  static async start(
    repos: Record<string, HostedRepo>,
    tls?: { readonly cert: string; readonly key: string },
  ): Promise<HubServer> {
    const server = new HubServer(repos, tls ? createTlsServer(tls) : createServer(), createServer());
    await Promise.all(
      [server.hub, server.cdn].map(
        (each) => new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve)),
      ),
    );
    return server;
  }

  /** For HF_ENDPOINT. */
  get endpoint(): string {
    return origin(this.hub);
  }

  get cdnOrigin(): string {
    return origin(this.cdn);
  }

  /** Bytes of content served, of files whose path ends so. */
  served(end = ''): number {
    return this.asked
      .filter(({ url }) => url.split('?')[0]!.endsWith(end))
      .reduce((sum, { sent }) => sum + sent, 0);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private answer(side: Asked['side'], request: IncomingMessage, response: ServerResponse): ServerResponse {
    const { authorization, range } = request.headers;
    const asked: Asked = { side, url: request.url ?? '', authorization, range, sent: 0, left: false };
    const before = this.asked.filter((other) => other.side === side && other.url === asked.url).length;
    this.asked.push(asked);
    response.on('close', () => {
      asked.left = !response.writableFinished;
    });
    const trouble = this.trouble(asked, before) ?? {};
    if (trouble.hang) return response;
    if (trouble.status !== undefined) {
      return response.writeHead(trouble.status, trouble.headers).end();
    }
    const url = new URL(asked.url, this.endpoint);
    if (side === 'cdn') return this.answerBlob(asked, url, trouble, response);
    const { id, rest } = addressed(url.pathname.replace(/^\/api(\/models)?/, ''));
    if (url.pathname === '/api/models') return this.answerSearch(url, response);
    const repo = this.repos[id];
    const isDenied = repo?.token !== undefined && authorization !== `Bearer ${repo.token}`;
    if (!repo || isDenied) {
      // As the hub does: who has no token does not learn whether the model exists.
      const code = repo && authorization ? 'GatedRepo' : 'RepoNotFound';
      const status = code === 'GatedRepo' ? 403 : authorization ? 404 : 401;
      return this.refuse(response, status, code);
    }
    const commit = repo.commit ?? COMMIT;
    const revision = decodeURIComponent(rest[1] ?? '');
    if (revision !== commit && revision !== 'main') return this.refuse(response, 404, 'RevisionNotFound');
    if (url.pathname.startsWith('/api/') && rest[0] === 'revision') {
      const lastModified = '2026-01-01T00:00:00.000Z';
      const info = {
        _id: '1',
        id,
        sha: commit,
        private: false,
        gated: false,
        likes: 1,
        downloads: 2,
        lastModified,
      };
      return sendJson(response, info);
    }
    if (url.pathname.startsWith('/api/') && rest[0] === 'tree') return this.answerTree(id, url, response);
    if (rest[0] === 'resolve') {
      const path = rest.slice(2).map(decodeURIComponent).join('/');
      return this.answerFile(id, path, asked, trouble, response);
    }
    return this.refuse(response, 404, 'EntryNotFound');
  }

  private answerSearch(url: URL, response: ServerResponse): ServerResponse {
    const words = (url.searchParams.get('search') ?? '').toLowerCase();
    const filter = url.searchParams.get('filter') ?? '';
    const tags = (id: string) =>
      ['onnx', 'safetensors', 'gguf'].filter((format) =>
        [...this.content(id).keys()].some((path) => path.endsWith(`.${format}`)),
      );
    const found = Object.keys(this.repos)
      .map((id, i) => ({ id, i }))
      .filter(({ id }) => id.toLowerCase().includes(words) && tags(id).includes(filter))
      .map(({ id, i }) => ({
        _id: String(i),
        id,
        likes: i,
        downloads: 100 - i,
        private: false,
        gated: this.repos[id]!.token === undefined ? false : 'auto',
        lastModified: '2026-01-01T00:00:00.000Z',
        tags: tags(id),
      }));
    return sendJson(response, found);
  }

  /** In pages, as the hub sends long lists. */
  private answerTree(id: string, url: URL, response: ServerResponse): ServerResponse {
    const files = [...this.content(id)].map(([path, { bytes, oid, sha256, isLfs }]) => ({
      type: 'file',
      path,
      oid,
      size: bytes.length,
      ...(isLfs ? { lfs: { oid: sha256, size: bytes.length, pointerSize: 134 } } : {}),
    }));
    const entries = [{ type: 'directory', path: 'onnx', oid: 'd'.repeat(40), size: 0 }, ...files];
    const listed = [...entries, ...(this.repos[id]?.extra ?? [])];
    const isAtTop = (entry: object) => !('path' in entry && String(entry.path).includes('/'));
    const all = url.searchParams.get('recursive') === 'true' ? listed : listed.filter(isAtTop);
    const cursor = Number(url.searchParams.get('cursor') ?? 0);
    if (cursor + PAGE < all.length) {
      const next = new URL(url);
      next.searchParams.set('cursor', String(cursor + PAGE));
      response.setHeader('link', `<${next}>; rel="next"`);
    }
    return sendJson(response, all.slice(cursor, cursor + PAGE));
  }

  private answerFile(
    id: string,
    path: string,
    asked: Asked,
    trouble: Trouble,
    response: ServerResponse,
  ): ServerResponse {
    const content = this.content(id).get(path);
    if (!content) return this.refuse(response, 404, 'EntryNotFound');
    const { bytes, oid, sha256, isLfs } = content;
    const { isMirror, commit = COMMIT } = this.repos[id]!;
    if (!isMirror) response.setHeader('x-repo-commit', commit);
    if (!isLfs) return send(response, asked, bytes, oid, trouble);
    if (!isMirror) {
      response.setHeader('x-linked-size', String(bytes.length));
      response.setHeader('x-linked-etag', `"${sha256}"`);
    }
    for (const [header, value] of Object.entries(trouble.headers ?? {})) response.setHeader(header, value);
    const location = `${this.cdnOrigin}/${id}/${path}?signature=secret`;
    return response.writeHead(302, { location }).end();
  }

  private answerBlob(asked: Asked, url: URL, trouble: Trouble, response: ServerResponse): ServerResponse {
    const { id, rest } = addressed(url.pathname);
    const content = this.content(id).get(rest.join('/'));
    if (!content || url.searchParams.get('signature') !== 'secret') return this.refuse(response, 403, '');
    return send(response, asked, content.bytes, 'of-the-cdn', trouble);
  }

  private content(id: string): Map<string, Content> {
    const known = this.contents.get(id);
    if (known) return known;
    const { folder, lfsFrom = 10_000 } = this.repos[id]!;
    const contents = contentsOf(folder, lfsFrom);
    this.contents.set(id, contents);
    return contents;
  }

  private refuse(response: ServerResponse, status: number, code: string): ServerResponse {
    return response.writeHead(status, { 'x-error-code': code }).end();
  }
}

/** Data sets' repositories lie below /datasets/. */
function addressed(pathname: string): { id: string; rest: string[] } {
  const [, ...parts] = pathname.split('/');
  const length = parts[0] === 'datasets' ? 3 : 2;
  return { id: parts.slice(0, length).join('/'), rest: parts.slice(length) };
}

function origin(server: Server | TlsServer): string {
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

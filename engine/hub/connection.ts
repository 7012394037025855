/**
 * The hub over HTTP. The token goes to the endpoint's own origin and nowhere else: redirects (to a CDN) are
 * followed here, without it. What goes wrong is an EngineError; what may pass by itself is a TransientError.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvHttpProxyAgent, type Response as HttpResponse, fetch as undiciFetch } from 'undici';
import { readBody } from '../http/read-body';
import { badInput, failure } from '../protocol';
import { cdnRefusal, cut, IMPATIENT, refusal, retrying, unreachable } from './failures';

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const MAX_REDIRECTS = 10;
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
/** How long a connection may stay silent, in milliseconds, before it counts as cut. */
const SILENCE = 30_000;

interface Get {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /**
   * Sees the headers of the endpoint's own answer, before a redirect is followed: X-Repo-Commit, X-Linked-Etag and
   * X-Linked-Size, which a CDN does not repeat. May throw.
   */
  readonly onHubHeaders?: (headers: HttpResponse['headers']) => void;
}

/** What reading small files and lists needs of it. */
export type HubAnswers = Pick<HubConnection, 'endpoint' | 'fetch'>;

export class HubConnection {
  /** Without a trailing slash; '' where HF_ENDPOINT is no address. */
  readonly endpoint: string;
  readonly isOffline: boolean;

  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    private readonly agent = newAgent(),
    /** Ends every request that has no signal of its own. */
    readonly signal?: AbortSignal,
  ) {
    this.endpoint = endpointOf(env.HF_ENDPOINT || DEFAULT_ENDPOINT);
    this.isOffline = /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE ?? '');
  }

  /** The same hub for one piece of work, which ends with the signal's reason once that is aborted. */
  until(signal: AbortSignal): HubConnection {
    return new HubConnection(this.env, this.agent, signal);
  }

  get hasToken(): boolean {
    return this.token() !== undefined;
  }

  /** For @huggingface/hub: answers whole and successful, tried again where that may help. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const signal = init?.signal ?? this.signal;
    return retrying(
      async () => {
        const headers = Object.fromEntries(new Headers(init?.headers));
        const response = await this.open(url, { headers, signal });
        const body = await bodyOf(response);
        return new Response(body, { status: 200, headers: [...response.headers] });
      },
      { attempts: IMPATIENT, signal },
    );
  };

  /**
   * One GET, redirects followed.
   * @throws EngineError for an answer that is no success; TransientError where it may come later
   */
  async open(url: string, { headers, signal = this.signal, onHubHeaders }: Get = {}): Promise<HttpResponse> {
    if (this.isOffline) {
      throw badInput('offline', 'HF_HUB_OFFLINE is set: the hub is not asked', 'Unset it to reach the hub.');
    }
    if (this.endpoint === '') {
      throw badInput(
        'bad-endpoint',
        'HF_ENDPOINT is not an http or https address',
        'Correct it, or unset it for huggingface.co.',
      );
    }
    const token = this.token();
    let at = new URL(url);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const isOwn = at.origin === new URL(this.endpoint).origin;
      const own = isOwn && token !== undefined ? { authorization: `Bearer ${token}` } : {};
      const response = await this.request(at, { ...headers, ...own }, signal);
      const location = response.headers.get('location');
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
      try {
        if (!response.ok && !isRedirect) {
          throw isOwn ? refusal(response, this.pageOf(at), token !== undefined) : cdnRefusal(response, at);
        }
        if (isOwn) onHubHeaders?.(response.headers);
        if (!isRedirect) return response;
        at = redirected(at, location);
      } catch (error) {
        await response.body?.cancel();
        throw error;
      }
      await response.body?.cancel();
    }
    throw failure('redirects', 'the hub redirects without end', 'Try again later.');
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async request(
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    try {
      return await undiciFetch(url, {
        headers: { 'user-agent': 'slot-studio', ...headers },
        redirect: 'manual',
        dispatcher: this.agent,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(url.host, error);
    }
  }

  /** The page of the model or data set that an address of the hub is about. */
  private pageOf({ origin, pathname }: URL): string {
    const path = (origin + pathname).slice(this.endpoint.length).replace(/^\/api(\/models)?/, '');
    return this.endpoint + path.split('/', path.startsWith('/datasets/') ? 4 : 3).join('/');
  }

  /** HF_TOKEN, or the file that `hf auth login` writes. Read each time, since the user may log in meanwhile. */
  private token(): string | undefined {
    const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = this.env;
    const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
    const path = HF_TOKEN_PATH || join(home, 'token');
    const token = (HF_TOKEN || HUGGING_FACE_HUB_TOKEN || readToken(path)).trim();
    if (token === '') return undefined;
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw badInput('bad-token', 'the Hugging Face token holds characters that no token has', 'Log in again.');
  }
}

/** Takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY from the environment. */
function newAgent(): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    connect: { timeout: SILENCE },
    headersTimeout: SILENCE,
    bodyTimeout: SILENCE,
  });
}

function endpointOf(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  const isUsable = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isUsable ? (url.origin + url.pathname).replace(/\/+$/, '') : '';
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isSafe = to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:');
  if (to && isSafe) return to;
  throw failure('bad-redirect', 'the hub redirects to an address that is not secure', 'Check HF_ENDPOINT.');
}

async function bodyOf(response: HttpResponse): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readBody(response.body, MAX_ANSWER_BYTES).catch((error: unknown) => {
    throw cut(error);
  });
  if (body === null) throw failure('bad-answer', "the hub's answer is too long to be one");
  return new Uint8Array(body);
}

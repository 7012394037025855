/**
 * The hub over HTTP. The token goes to the endpoint's own origin and nowhere else: redirects (to a CDN) are
 * followed here, without it. What goes wrong is an EngineError; what may pass by itself is a PassingFailure.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvHttpProxyAgent, type Response as HttpResponse, fetch as undiciFetch } from 'undici';
import { badInput, EngineError, failure } from '../protocol';

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const MOST_REDIRECTS = 10;
const LARGEST_ANSWER = 32 * 2 ** 20;
/** Attempts in a row that bring nothing: of a download, and of a question whose answer someone waits for. */
export const PATIENT = 6;
const IMPATIENT = 3;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 60_000;
/** How long a connection may stay silent, in milliseconds, before it counts as cut. */
const SILENCE = 30_000;

/** What may work when it is tried again. */
export class PassingFailure extends EngineError {
  constructor(
    code: string,
    message: string,
    hint: string,
    /** As the server asks, in milliseconds. */
    readonly retryAfter?: number,
  ) {
    super('failure', code, message, hint);
  }
}

export interface Get {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /**
   * Sees the headers of the endpoint's own answer, before a redirect is followed: X-Repo-Commit, X-Linked-Etag and
   * X-Linked-Size, which a CDN does not repeat. May throw.
   */
  readonly onHubHeaders?: (headers: HttpResponse['headers']) => void;
}

export class HubConnection {
  /** Without a trailing slash; '' where HF_ENDPOINT is no address. */
  readonly endpoint: string;
  readonly isOffline: boolean;
  private readonly agent: EnvHttpProxyAgent;

  constructor(private readonly env: NodeJS.ProcessEnv = process.env) {
    this.endpoint = endpointOf(env.HF_ENDPOINT || DEFAULT_ENDPOINT);
    this.isOffline = /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE ?? '');
    // Takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY from the environment.
    this.agent = new EnvHttpProxyAgent({
      connect: { timeout: SILENCE },
      headersTimeout: SILENCE,
      bodyTimeout: SILENCE,
    });
  }

  get hasToken(): boolean {
    return this.token() !== undefined;
  }

  /** For @huggingface/hub: answers whole and successful, tried again where that may help. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const signal = init?.signal ?? undefined;
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
   * @throws EngineError for an answer that is no success; PassingFailure where it may come later
   */
  async open(url: string, { headers, signal, onHubHeaders }: Get = {}): Promise<HttpResponse> {
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
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const isOwn = at.origin === new URL(this.endpoint).origin;
      const own = isOwn && token !== undefined ? { authorization: `Bearer ${token}` } : {};
      const response = await this.request(at, { ...headers, ...own }, signal);
      const location = response.headers.get('location');
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
      try {
        if (!response.ok && !isRedirect) throw refusal(response, token !== undefined);
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

  /** HF_TOKEN, or the file that `hf auth login` writes. Read anew each time, since one may log in meanwhile. */
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

export interface Patience {
  readonly attempts: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what went wrong and how long the wait is, in milliseconds. */
  readonly onWait?: (why: PassingFailure, delay: number) => void;
  /** Whether the attempt brought something all the same, so that counting begins anew. */
  readonly hasMoved?: () => boolean;
}

/** Works until it succeeds, fails for good, or has failed too often in a row. */
export async function retrying<T>(
  work: () => Promise<T>,
  { attempts, signal, onWait, hasMoved }: Patience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (hasMoved?.()) attempt = 1;
      if (attempt >= attempts) throw error;
      const delay = Math.min(error.retryAfter ?? FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY);
      onWait?.(error, delay);
      await sleep(delay, undefined, signal ? { signal } : {});
    }
  }
}

/** A connection that broke while its answer was coming. */
export function cut(error: unknown): PassingFailure {
  return new PassingFailure(
    'cut',
    `the connection was cut (${reason(error)})`,
    'Pull again to go on from there.',
  );
}

function endpointOf(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  const isUsable = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isUsable ? (url.origin + url.pathname).replace(/\/+$/, '') : '';
}

function readToken(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
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
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > LARGEST_ANSWER) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw cut(error);
  }
  if (length > LARGEST_ANSWER) throw failure('bad-answer', "the hub's answer is too long to be one");
  return new Uint8Array(Buffer.concat(chunks));
}

const TOKEN_HINT =
  'For a gated model, accept its licence on its page; then set HF_TOKEN, or log in with `hf auth login`.';

function refusal(response: HttpResponse, hasToken: boolean): EngineError {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  if (code === 'RevisionNotFound') {
    return badInput('no-revision', 'the hub has no such revision of this model', 'Leave it out for "main".');
  }
  if (code === 'EntryNotFound') return badInput('no-file', 'the hub has no such file (404)');
  if (code === 'GatedRepo' || status === 403) {
    return badInput('gated', `the hub does not grant access to this model (${status})`, TOKEN_HINT);
  }
  if (status === 401) {
    const message = hasToken
      ? 'the hub does not accept the token for this model (401)'
      : 'the hub shows no such model without a token (401): it is private or gated, or its name is wrong';
    return badInput('unauthorised', message, TOKEN_HINT);
  }
  if (status === 404) return badInput('no-model', 'the hub has no such model (404)', 'Check its name.');
  if (status === 429) {
    return new PassingFailure(
      'rate-limited',
      'the hub asks for fewer requests (429)',
      'Try again in a few minutes; a token raises the limit.',
      retryAfter(response),
    );
  }
  if (status >= 500 || status === 408) {
    return new PassingFailure(
      'hub-trouble',
      `the hub has trouble of its own (${status})`,
      'Try again later.',
      retryAfter(response),
    );
  }
  return failure('bad-answer', `the hub answers with ${status}`, 'Try again later.');
}

/** Retry-After in seconds or as a date. */
function retryAfter({ headers }: HttpResponse): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function unreachable(host: string, error: unknown): PassingFailure {
  return new PassingFailure(
    'unreachable',
    `${host} cannot be reached (${reason(error)})`,
    'Check the connection, HF_ENDPOINT and HTTPS_PROXY.',
  );
}

/** The innermost cause's code or first line: undici wraps what happened. */
function reason(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.message.split('\n', 1)[0] ?? '';
}

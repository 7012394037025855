/** One large file over HTTP: goes on for as long as bytes arrive, and from where it was cut. */
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';

export interface DownloadOptions {
  signal: AbortSignal;
  /** Bytes on disk, and of the whole file where the server tells. */
  onProgress(done: number, total: number | null): void;
  /** The connection was cut; another is opened. */
  onCut(): void;
  /** Milliseconds without a byte after which a connection counts as cut. */
  silence?: number;
  /** Milliseconds to wait before each further attempt; once as many in a row have brought nothing, it is given up. */
  pauses?: readonly number[];
}

const SILENCE = 30_000;
const PAUSES = [1_000, 2_000, 5_000, 10_000, 10_000];

/** An answer that another attempt would not change. */
class Refused extends Error {}

/**
 * Appends to `path` what it lacks, by way of the proxy that the environment names. What has arrived stays there when
 * this rejects: with the reason, or with the signal's. A first attempt that brings nothing is not repeated.
 * @returns whether some of the file was there before, or came by another connection
 */
export async function downloadResumed(url: string, path: string, options: DownloadOptions): Promise<boolean> {
  const { signal, onCut, silence = SILENCE, pauses = PAUSES } = options;
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: silence },
    headersTimeout: silence,
    bodyTimeout: silence,
  });
  let isResumed = sizeOf(path) > 0;
  let arrived = 0;
  const onBytes = (count: number) => {
    arrived += count;
  };
  try {
    for (let idle = 0; ; idle++) {
      const before = arrived;
      try {
        await attempt(url, path, { ...options, agent, onBytes });
        return isResumed;
      } catch (error) {
        signal.throwIfAborted();
        if (arrived > before) idle = 0;
        const wait = pauses[idle];
        if (error instanceof Refused || arrived === 0 || wait === undefined) throw error;
        isResumed = true;
        onCut();
        await pause(wait, undefined, { signal });
      }
    }
  } finally {
    await agent.destroy();
  }
}

interface Receiving extends DownloadOptions {
  agent: EnvHttpProxyAgent;
  onBytes(count: number): void;
}

/** One request for what `path` lacks. */
async function attempt(url: string, path: string, options: Receiving): Promise<void> {
  const { agent, signal, onProgress, onBytes } = options;
  const start = sizeOf(path);
  const response = await fetch(url, {
    dispatcher: agent,
    signal,
    headers: { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) },
  });
  if (response.status === 416) {
    await response.body?.cancel();
    if (response.headers.get('content-range') === `bytes */${start}`) return;
    rmSync(path, { force: true });
    return attempt(url, path, options);
  }
  const from = startOf(response, start);
  if (from === null || response.body === null) {
    await response.body?.cancel();
    throw refusal(response);
  }
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(length) ? null : from + length;
  const file = await open(path, from === 0 ? 'w' : 'a');
  try {
    let done = from;
    onProgress(done, total);
    for await (const chunk of response.body) {
      await file.appendFile(chunk);
      done += chunk.length;
      onBytes(chunk.length);
      onProgress(done, total);
    }
  } finally {
    await file.close();
  }
}

/** Where the answer's bytes belong: a server without ranges sends all of them. Null where it sends none of the file. */
function startOf({ status, headers }: Response, asked: number): number | null {
  if (status === 200) return 0;
  if (status !== 206) return null;
  return headers.get('content-range')?.startsWith(`bytes ${asked}-`) ? asked : null;
}

function refusal({ status, statusText }: Response): Error {
  const words = `the server answered ${[status, statusText].join(' ').trim()}`;
  const mayPass = status >= 500 || status === 408 || status === 429;
  return mayPass ? new Error(words) : new Refused(words);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

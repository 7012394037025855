/**
 * A file on the hub as a ByteSource: what is read is fetched by range requests, the rest never. Reading is
 * synchronous and fetching is not, so a read of bytes that are not there yet throws, and is made again once they are.
 */
import type { ByteSource } from '../onnx/proto/byte-source';
import { failure } from '../protocol';
import type { HubConnection } from './connection';
import { cut, PATIENT, retrying } from './failures';

const BLOCK = 16 * 1024;
/** Blocks fetched ahead where reading goes on without a gap. */
const MAX_AHEAD = 64;
const MAX_FETCHED = 64 * 2 ** 20;
const MAX_REQUESTS = 2000;

class MissingBytes extends Error {
  constructor(
    readonly start: number,
    readonly end: number,
  ) {
    super('bytes are not there yet');
  }
}

export class RemoteFile implements ByteSource {
  /** Bytes that came over the network. */
  fetched = 0;
  private requests = 0;
  private ahead = 1;
  private lastBlock = 0;
  private readonly blocks = new Map<number, Uint8Array>();
  /** Where the endpoint's redirect led. */
  private direct: string | undefined;

  constructor(
    private readonly hub: HubConnection,
    private readonly url: string,
    readonly size: number,
  ) {}

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    const first = Math.floor(offset / BLOCK);
    const parts: Uint8Array[] = [];
    for (let block = first; block * BLOCK < end; block++) {
      const bytes = this.blocks.get(block);
      if (!bytes) throw new MissingBytes(offset, end);
      parts.push(bytes.subarray(Math.max(0, offset - block * BLOCK), end - block * BLOCK));
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Repeats `work` until everything that it reads has been fetched. */
  async whenThere<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof MissingBytes)) throw error;
        await this.ensure(error.start, error.end);
      }
    }
  }

  /** Fetches what is not there yet of [start, end). */
  async ensure(start: number, end: number): Promise<void> {
    const last = Math.ceil(Math.min(end, this.size) / BLOCK);
    let first = Math.floor(start / BLOCK);
    while (first < last && this.blocks.has(first)) first++;
    if (first >= last) return;
    this.ahead = first === this.lastBlock ? Math.min(2 * this.ahead, MAX_AHEAD) : 1;
    this.lastBlock = Math.min(Math.max(last, first + this.ahead), Math.ceil(this.size / BLOCK));
    const bytes = await this.fetch(first * BLOCK, Math.min(this.lastBlock * BLOCK, this.size));
    for (let at = 0; at < bytes.length; at += BLOCK) {
      this.blocks.set(first + at / BLOCK, bytes.subarray(at, at + BLOCK));
    }
  }

  private async fetch(start: number, end: number): Promise<Uint8Array> {
    if (++this.requests > MAX_REQUESTS || this.fetched + end - start > MAX_FETCHED) {
      throw failure(
        'too-scattered',
        `the graph is too large, or lies too scattered in its file, to be read from afar (${this.fetched} bytes were)`,
        'Pull the model, then inspect it.',
      );
    }
    return this.piece(start, end);
  }

  /** Bytes that are kept by who asks for them: some megabytes at most. */
  async piece(start: number, end: number): Promise<Uint8Array> {
    const bytes = await retrying(() => this.request(start, end), {
      attempts: PATIENT,
      signal: this.hub.signal,
    });
    this.fetched += bytes.length;
    return bytes;
  }

  private async request(start: number, end: number): Promise<Uint8Array> {
    const range = { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' };
    const { direct } = this;
    this.direct = undefined;
    // A CDN's address expires; the endpoint's does not.
    const response = direct
      ? await this.hub
          .open(direct, { headers: range })
          .catch(() => this.hub.open(this.url, { headers: range }))
      : await this.hub.open(this.url, { headers: range });
    const isRange = response.headers.get('content-range') === `bytes ${start}-${end - 1}/${this.size}`;
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      if (response.status === 206 && isRange) {
        for await (const chunk of response.body ?? []) {
          chunks.push(chunk);
          length += chunk.length;
          if (length > end - start) break;
        }
      } else await response.body?.cancel();
    } catch (error) {
      throw cut(error);
    }
    if (length !== end - start) {
      throw failure(
        'no-ranges',
        'the server does not send the parts of a file that it is asked for',
        'Pull the model, then inspect it.',
      );
    }
    this.direct = response.url;
    return Buffer.concat(chunks);
  }
}

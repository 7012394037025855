/** A file as a ByteSource: small reads come from one window, so that parsing costs few system calls. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { badInput, EngineError } from '../protocol';
import type { ByteSource } from './wire';

const WINDOW = 64 * 1024;

export class FileSource implements ByteSource {
  readonly size: number;
  private readonly fd: number;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  constructor(private readonly path: string) {
    try {
      // Opening a pipe would wait for its writer; a device has no end.
      if (!statSync(path).isFile()) throw badInput('unreadable-file', `${path} is not a file`);
      this.fd = openSync(path, 'r');
      this.size = fstatSync(this.fd).size;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw badInput('unreadable-file', `${path} cannot be read: ${why}`);
    }
  }

  read(offset: number, length: number): Uint8Array {
    const end = offset + length;
    if (offset < this.windowStart || end > this.windowStart + this.window.length) {
      this.window = this.load(offset, Math.min(Math.max(length, WINDOW), this.size - offset));
      this.windowStart = offset;
      if (this.window.length < length) {
        throw badInput('truncated-file', `${basename(this.path)} ends too early (${this.size} bytes)`);
      }
    }
    return this.window.subarray(offset - this.windowStart, end - this.windowStart);
  }

  close(): void {
    closeSync(this.fd);
  }

  private load(offset: number, length: number): Uint8Array {
    const buffer = new Uint8Array(Math.max(0, length));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.fd, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }
}

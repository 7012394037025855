/** A file as a ByteSource: small reads come from one window, so that parsing costs few system calls. */
import { type BigIntStats, closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { badInput, EngineError } from '../../protocol';
import type { ByteSource } from '../proto/byte-source';

const WINDOW = 64 * 1024;

/** Identifies a file and its content: differs when another file takes its place or it is rewritten. */
export interface FileState {
  readonly path: string;
  readonly size: number;
  readonly inode: bigint;
  /** In nanoseconds. */
  readonly modified: bigint;
}

/** Whether the path still leads to the same file, as it was. */
export function isUnchanged(before: FileState): boolean {
  const stats = statSync(before.path, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && isSame(before, stateOf(before.path, stats));
}

export function isSame(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.inode === b.inode && a.modified === b.modified;
}

export function stateOf(path: string, { size, ino, mtimeNs }: BigIntStats): FileState {
  return { path, size: Number(size), inode: ino, modified: mtimeNs };
}

export class FileSource implements ByteSource {
  /** When it was opened. */
  readonly state: FileState;
  private fd: number | undefined;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  /** @throws EngineError `unreadable-file` */
  constructor(path: string) {
    try {
      // Opening a pipe would wait for its writer; a device has no end.
      if (!statSync(path).isFile())
        throw badInput('unreadable-file', `${path} is not a file`, 'Put the file itself there.');
      this.fd = openSync(path, 'r');
      this.state = stateOf(path, fstatSync(this.fd, { bigint: true }));
    } catch (error) {
      this.close();
      if (error instanceof EngineError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw badInput(
        'unreadable-file',
        `${path} cannot be read: ${why}`,
        'Check that it is there and may be read.',
      );
    }
  }

  get size(): number {
    return this.state.size;
  }

  read(offset: number, length: number): Uint8Array {
    const fd = this.opened();
    const end = offset + length;
    if (offset < this.windowStart || end > this.windowStart + this.window.length) {
      this.window = this.load(fd, offset, Math.max(length, WINDOW));
      this.windowStart = offset;
      this.checkLength(this.window, length);
    }
    return this.window.subarray(offset - this.windowStart, end - this.windowStart);
  }

  /** As `read`, into bytes of their own and past the window: weights are read once. */
  copy(offset: number, length: number): Uint8Array {
    const bytes = this.load(this.opened(), offset, length);
    this.checkLength(bytes, length);
    return bytes;
  }

  /** Nothing may be read after this: the descriptor's number may belong to another file by then. */
  close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  private opened(): number {
    if (this.fd === undefined) throw new Error(`${basename(this.state.path)} is read after it was closed`);
    return this.fd;
  }

  private load(fd: number, offset: number, length: number): Uint8Array {
    const buffer = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  private checkLength(found: Uint8Array, length: number): void {
    if (found.length >= length) return;
    throw badInput('truncated-file', `${basename(this.state.path)} ends too early (${this.size} bytes)`);
  }
}

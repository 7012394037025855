/** Bytes that may be far larger than memory. */

export interface ByteSource {
  readonly size: number;
  /** The bytes [offset, offset + length), valid until the next call. */
  read(offset: number, length: number): Uint8Array;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

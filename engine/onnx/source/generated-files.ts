/** A model whose ONNX bytes were written in memory, over weights that lie in files. */
import { badInput } from '../../protocol';
import type { ByteSource } from '../proto/byte-source';
import { DataFiles } from './data-files';
import type { ModelFiles } from './model-files';

export class GeneratedFiles implements ModelFiles {
  readonly onnx: ByteSource;
  readonly onnxPath = undefined;
  readonly hint = 'The file is damaged or not complete: get it again.';
  private readonly data: DataFiles;

  /** @param bytes a ModelProto @param paths full paths of its external data, by location */
  constructor(
    private readonly bytes: Uint8Array,
    paths: ReadonlyMap<string, string>,
  ) {
    const part = (offset: number, length: number) => bytes.subarray(offset, offset + length);
    this.onnx = { size: bytes.length, read: part };
    this.data = new DataFiles(
      (location) => {
        const path = paths.get(location);
        if (path === undefined) throw new Error(`no file is known as ${location}`);
        return path;
      },
      (path) => badInput('missing-file', `${path} is missing`, 'Put it back, or get the model again.'),
    );
  }

  realPath(location: string): string {
    return this.data.realPath(location);
  }

  size(location: string): number {
    return this.data.size(location);
  }

  read(location: string | undefined, offset: number, length: number): Uint8Array {
    if (location !== undefined) return this.data.read(location, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  changed(): string | undefined {
    return this.data.changed();
  }

  close(): void {
    this.data.close();
  }
}

/** A model whose ONNX bytes were written in memory, over weights that lie in files. */
import { badInput } from '../../protocol';
import type { ByteSource } from '../proto/byte-source';
import { DataFiles } from './data-files';
import type { ModelFiles } from './model-files';

export interface PlannedFile {
  readonly path: string;
  readonly bytes: number;
}

export class GeneratedFiles implements ModelFiles {
  readonly onnx: ByteSource;
  readonly onnxPath = undefined;
  readonly hint = 'The file is damaged or not complete: get it again.';
  private readonly data: DataFiles;
  private readonly planned: ReadonlyMap<string, PlannedFile>;

  /**
   * @param bytes a ModelProto @param paths full paths of its external data, by location
   * @param planned files of these that are not there: for building views, as if they held zeros
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly paths: ReadonlyMap<string, string>,
    planned: readonly PlannedFile[] = [],
  ) {
    this.planned = new Map(planned.map((file) => [file.path, file]));
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
    return this.plannedAt(location)?.path ?? this.data.realPath(location);
  }

  size(location: string): number {
    return this.plannedAt(location)?.bytes ?? this.data.size(location);
  }

  read(location: string | undefined, offset: number, length: number): Uint8Array {
    if (location !== undefined && this.plannedAt(location)) return new Uint8Array(length);
    if (location !== undefined) return this.data.read(location, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  changed(): string | undefined {
    return this.data.changed();
  }

  close(): void {
    this.data.close();
  }

  private plannedAt(location: string): PlannedFile | undefined {
    return this.planned.get(this.paths.get(location) ?? '');
  }
}

/** The bytes behind a model: its ONNX file and its external data, on disk or elsewhere. */
import { realpathSync } from 'node:fs';
import path, { basename, dirname, join, type PlatformPath } from 'node:path';
import { badInput } from '../../protocol';
import type { ByteSource } from '../proto/byte-source';
import { DataFiles } from './data-files';
import { FileSource, isUnchanged } from './file-source';

export interface ModelFiles {
  /** The ONNX file's structure is read from here. */
  readonly onnx: ByteSource;
  /** Where the ONNX file lies once links are followed; undefined where it is in memory alone. */
  readonly onnxPath: string | undefined;
  /** What to do when a file is short or damaged. */
  readonly hint: string;
  /**
   * Where external data lies once links are followed.
   * @throws EngineError `external-data-outside`, `external-data-missing`
   */
  realPath(location: string): string;
  /** Bytes of an external-data file. */
  size(location: string): number;
  /**
   * Bytes that a view copies; nothing here depends on what they say.
   * @param location undefined: the ONNX file
   */
  read(location: string | undefined, offset: number, length: number): Uint8Array;
  /** The name of a file that has changed or gone since it was opened; undefined if none has. */
  changed(): string | undefined;
  /** Nothing can be read after this. */
  close(): void;
}

export class LocalFiles implements ModelFiles {
  readonly onnx: FileSource;
  readonly hint = 'The download is probably incomplete: get the file again.';
  private readonly data: DataFiles;

  /** @throws EngineError `missing-file`, `unreadable-file` */
  constructor(path: string) {
    this.onnx = new FileSource(realOnnxPath(path));
    this.data = new DataFiles(
      (location) => {
        checkLocation(location);
        return join(dirname(path), location);
      },
      (missing) =>
        badInput(
          'external-data-missing',
          `${missing} is missing; ${basename(path)} keeps weights in it`,
          'Put the file beside the ONNX file, or download the model again.',
        ),
    );
  }

  get onnxPath(): string {
    return this.onnx.state.path;
  }

  realPath(location: string): string {
    return this.data.realPath(location);
  }

  size(location: string): number {
    return this.data.size(location);
  }

  read(location: string | undefined, offset: number, length: number): Uint8Array {
    if (location !== undefined) return this.data.read(location, offset, length);
    return this.onnx.copy(offset, length);
  }

  changed(): string | undefined {
    return isUnchanged(this.onnx.state) ? this.data.changed() : this.onnx.state.path;
  }

  close(): void {
    this.data.close();
    this.onnx.close();
  }
}

/**
 * External data must lie below the ONNX file's folder, by the rules of every system, so that a file is as safe on
 * one as on another.
 * @throws EngineError `external-data-outside`
 */
export function checkLocation(location: string): void {
  const parts = location.split(/[/\\]/);
  const isInside =
    parts[0] !== '' && !parts.includes('..') && !location.includes('\0') && !/^[a-z]:/i.test(location);
  if (isInside) return;
  throw badInput('external-data-outside', `external data "${location}" lies outside the model folder`);
}

/**
 * The innermost folder that all files are below.
 * @param rules those of this system, by which drives differ and their letters' case does not
 * @throws EngineError `external-data-apart` where there is none
 */
export function commonFolder(paths: readonly string[], rules: PlatformPath = path): string {
  const holds = (folder: string, file: string) => {
    const way = rules.relative(folder, file);
    return way.split(rules.sep)[0] !== '..' && !rules.isAbsolute(way);
  };
  let folder = rules.dirname(paths[0]!);
  for (;;) {
    const outside = paths.find((file) => !holds(folder, file));
    if (outside === undefined) return folder;
    const above = rules.dirname(folder);
    if (above === folder) {
      throw badInput(
        'external-data-apart',
        `${outside} is on another drive than ${paths[0]}, whose weights it holds`,
        'Keep an ONNX file and its external data on one drive.',
      );
    }
    folder = above;
  }
}

function realOnnxPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw badInput(
      'missing-file',
      `${path} is missing, or a link to a file that is gone`,
      'Download it again.',
    );
  }
}

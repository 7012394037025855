/** The bytes behind a model: its ONNX file and its external data, on disk or elsewhere. */
import { realpathSync, statSync } from 'node:fs';
import path, { basename, dirname, join, type PlatformPath } from 'node:path';
import { badInput, type EngineError } from '../../protocol';
import type { ByteSource } from '../proto/byte-source';
import { FileSource, type FileState, isSame, isUnchanged, stateOf } from './file-source';

export interface ModelFiles {
  /** The ONNX file's structure is read from here. */
  readonly onnx: ByteSource;
  /** What to do when a file is short or damaged. */
  readonly hint: string;
  /**
   * Where a file lies once links are followed. @param location of external data, below the ONNX file's own folder;
   * undefined: the ONNX file
   * @throws EngineError `external-data-outside`, `external-data-missing`
   */
  realPath(location: string | undefined): string;
  /** Bytes of an external-data file. */
  size(location: string): number;
  /** Bytes that a view copies; nothing here depends on what they say. */
  read(location: string | undefined, offset: number, length: number): Uint8Array;
  /** The name of a file that has changed or gone since it was opened; undefined if none has. */
  changed(): string | undefined;
  /** Nothing can be read after this. */
  close(): void;
}

export class LocalFiles implements ModelFiles {
  readonly onnx: FileSource;
  readonly hint = 'The download is probably incomplete: get the file again.';
  /** External data by location. */
  private readonly data = new Map<string, FileState>();
  private isClosed = false;

  /** @throws EngineError `missing-file`, `unreadable-file` */
  constructor(private readonly path: string) {
    this.onnx = new FileSource(realOnnxPath(path));
  }

  /** A link is followed wherever it leads, since only the user or their Hugging Face cache can have made it. */
  realPath(location: string | undefined): string {
    return location === undefined ? this.onnx.state.path : this.dataFile(location).path;
  }

  size(location: string): number {
    return this.dataFile(location).size;
  }

  read(location: string | undefined, offset: number, length: number): Uint8Array {
    if (location === undefined) return this.onnx.copy(offset, length);
    const known = this.dataFile(location);
    if (this.isClosed) throw new Error(`${basename(known.path)} is read after its model was closed`);
    const source = new FileSource(known.path);
    try {
      if (!isSame(source.state, known)) throw changedFile(known.path);
      return source.copy(offset, length);
    } finally {
      source.close();
    }
  }

  changed(): string | undefined {
    return [this.onnx.state, ...this.data.values()].find((state) => !isUnchanged(state))?.path;
  }

  close(): void {
    this.isClosed = true;
    this.onnx.close();
  }

  private dataFile(location: string): FileState {
    const known = this.data.get(location);
    if (known) return known;
    checkLocation(location);
    const path = join(dirname(this.path), location);
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      throw badInput(
        'external-data-missing',
        `${path} is missing; ${basename(this.path)} keeps weights in it`,
        'Put the file beside the ONNX file, or download the model again.',
      );
    }
    const stats = statSync(real, { bigint: true });
    if (!stats.isFile()) throw badInput('external-data-missing', `${path} is not a file`);
    const state = stateOf(real, stats);
    this.data.set(location, state);
    return state;
  }
}

/** Its weights are mapped as they were, or read where they no longer are. */
export function changedFile(path: string): EngineError {
  return badInput(
    'model-changed',
    `${path} was changed, replaced or removed after the model was opened`,
    'Run again, which opens the model anew.',
  );
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

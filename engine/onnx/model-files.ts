/** The bytes behind a model: its ONNX file and its external data, on disk or elsewhere. */
import { realpathSync, statSync } from 'node:fs';
import path, { basename, dirname, join, type PlatformPath } from 'node:path';
import { badInput } from '../protocol';
import { FileSource } from './file-source';
import type { ByteSource } from './wire';

export interface ModelFiles {
  /** The ONNX file's structure is read from here. */
  readonly onnx: ByteSource;
  /** What to do when a file is short or damaged. */
  readonly wayOut: string;
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
  close(): void;
}

export class LocalFiles implements ModelFiles {
  readonly onnx: FileSource;
  readonly wayOut = 'The download is probably incomplete: get the file again.';
  private readonly realOnnx: string;
  private readonly realData = new Map<string, string>();

  /** @throws EngineError `missing-file`, `unreadable-file` */
  constructor(private readonly path: string) {
    this.realOnnx = realOnnxPath(path);
    this.onnx = new FileSource(this.realOnnx);
  }

  /** A link is followed wherever it leads, since only the user or their Hugging Face cache can have made it. */
  realPath(location: string | undefined): string {
    if (location === undefined) return this.realOnnx;
    const known = this.realData.get(location);
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
    if (!statSync(real).isFile()) throw badInput('external-data-missing', `${path} is not a file`);
    this.realData.set(location, real);
    return real;
  }

  size(location: string): number {
    return statSync(this.realPath(location)).size;
  }

  read(location: string | undefined, offset: number, length: number): Uint8Array {
    if (location === undefined) return this.onnx.read(offset, length).slice();
    const source = new FileSource(this.realPath(location));
    try {
      return source.read(offset, length).slice();
    } finally {
      source.close();
    }
  }

  close(): void {
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

/** What went wrong with the app's processes, one line each in a file: it outlives the app, and goes nowhere. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { readJson } from '../engine/files/read';
import { createFolder, writeWhole } from '../engine/files/write';
import { Incident, MAX_INCIDENTS } from '../engine/protocol';

const Kept = z.array(Incident).max(MAX_INCIDENTS);
const MAX_TEXT = 2_000;
const LARGEST = 2 ** 20;

export class Incidents {
  readonly #file: string;
  readonly #now: () => Date;

  constructor(file: string, now: () => Date = () => new Date()) {
    this.#file = file;
    this.#now = now;
  }

  /** The newest last; a file that cannot be read counts as missing. */
  list(): Incident[] {
    return readJson(this.#file, LARGEST, Kept) ?? [];
  }

  /** Never throws: a full disk must not add to what went wrong. */
  note(text: string): void {
    const incident = { at: this.#now().toISOString(), text: text.slice(0, MAX_TEXT) };
    try {
      createFolder(dirname(this.#file));
      writeWhole(this.#file, JSON.stringify([...this.list(), incident].slice(-MAX_INCIDENTS)));
    } catch {}
  }
}

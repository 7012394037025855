/**
 * What delta does to every token of the vocabulary, over all problems of a job: running moments, so that what is held
 * does not grow with the problems.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type ResolvedGroup, resolveGroups } from '../analysis/groups';
import { guarded } from '../files/guarded';
import { readBounded, readJson } from '../files/read';
import { writeWhole } from '../files/write';
import type { LanguageModel } from '../generate/language-model';
import { type EvaluationLane, MAX_PROBLEMS, TokenFigure } from '../protocol';
import { Moments } from '../statistics';
import { figureOf, type LaneMoments } from './figure';
import type { JobFolder } from './job-folder';
import type { AdaptedProblem, LaneShift } from './lane-shifts';

const MOMENTS = 'figures.bin';
const FIGURES = 'figures.json';
/** Of all lanes' moments together; further lanes have no figure. */
const MAX_BYTES = 256 * 2 ** 20;
/** Of one lane, for each token of the vocabulary: two means, two spreads and four counts. */
const TOKEN_BYTES = 48;
const HEADER_BYTES = 4;

const Header = z.strictObject({
  v: z.literal(1),
  vocab: z.int().min(1),
  /** Places of the problems that are counted, in the order they were added. */
  problems: z.array(z.int().min(0)).max(MAX_PROBLEMS),
  lanes: z
    .array(
      z.strictObject({
        lane: z.string().max(80),
        offset: z.number(),
        groups: z.record(z.string().max(80), z.array(z.tuple([z.number(), z.number()])).max(MAX_PROBLEMS)),
        bytes: z.tuple([z.int().min(0), z.int().min(0)]),
      }),
    )
    .max(256),
});

export class TokenFigures {
  private readonly counted: Set<number>;
  private isChanged = false;

  private constructor(
    private readonly folder: JobFolder,
    private readonly model: LanguageModel,
    private readonly groups: readonly ResolvedGroup[],
    private readonly lanes: readonly LaneMoments[],
    counted: readonly number[],
  ) {
    this.counted = new Set(counted);
  }

  /** As they were written last; from nothing where that cannot be read. */
  static open(folder: JobFolder, model: LanguageModel): TokenFigures {
    const { vocab } = model.head;
    const { config } = folder.manifest;
    const groups = resolveGroups(model.tokenizer, vocab, model.stopIds, config.groups);
    const fitting = Math.max(1, Math.floor(MAX_BYTES / (TOKEN_BYTES * vocab)));
    const names = config.lanes
      .filter(hasFigure)
      .slice(0, fitting)
      .map(({ name }) => name);
    const kept = read(folder, vocab, names);
    const fresh = () =>
      names.map((lane) => ({
        lane,
        centred: new Moments(vocab),
        massMoved: new Moments(vocab),
        offset: 0,
        groups: new Map<string, [number, number][]>(),
      }));
    return new TokenFigures(folder, model, groups, kept?.lanes ?? fresh(), kept?.problems ?? []);
  }

  /** Whether a problem is counted, by its place; all are where no lane has a figure. */
  has(index: number): boolean {
    return this.lanes.length === 0 || this.counted.has(index);
  }

  add(index: number, { shifts }: AdaptedProblem): void {
    if (this.has(index)) return;
    this.counted.add(index);
    for (const lane of this.lanes) {
      const shift = shifts.find((each) => each.lane.name === lane.lane);
      if (shift?.moved) this.addTo(lane, shift.b, shift.moved);
    }
    this.isChanged = true;
  }

  /** @throws EngineError `store` */
  write(): void {
    if (!this.isChanged) return;
    const texts = (id: number) => this.model.tokenizer.text(id);
    const figures = this.lanes.map((lane) => figureOf(lane, this.groups, texts));
    guarded(() => {
      writeWhole(join(this.folder.path, FIGURES), JSON.stringify(figures));
      writeWhole(join(this.folder.path, MOMENTS), this.parts());
    }, 'the evaluation');
    this.isChanged = false;
  }

  private addTo(
    lane: LaneMoments,
    b: Float32Array,
    { before, after }: NonNullable<LaneShift['moved']>,
  ): void {
    const { logitScale } = this.model.head;
    let sum = 0;
    for (let id = 0; id < b.length; id++) sum += b[id]!;
    const mean = sum / b.length;
    const centred = b.map((value) => logitScale * (value - mean));
    const moved = after.meanP.map((probability, id) => probability - before.meanP[id]!);
    lane.centred.add(centred);
    lane.massMoved.add(moved);
    lane.offset += logitScale * mean;
    for (const { name, ids } of this.groups) {
      if (ids.length === 0) continue;
      const total = (of: Float32Array) => ids.reduce((all, id) => all + of[id]!, 0);
      const own = lane.groups.get(name) ?? [];
      own.push([total(centred) / ids.length, total(moved)]);
      lane.groups.set(name, own);
    }
  }

  private parts(): Uint8Array[] {
    const vectors = this.lanes.map(
      ({ centred, massMoved }) => [centred.toBytes(), massMoved.toBytes()] as const,
    );
    const header = Buffer.from(
      JSON.stringify({
        v: 1,
        vocab: this.model.head.vocab,
        problems: [...this.counted],
        lanes: this.lanes.map(({ lane, offset, groups }, i) => ({
          lane,
          offset,
          groups: Object.fromEntries(groups),
          bytes: vectors[i]!.map(({ length }) => length),
        })),
      }),
    );
    const length = Buffer.alloc(HEADER_BYTES);
    length.writeUInt32LE(header.length);
    return [length, header, ...vectors.flat()];
  }
}

/** A lane's figure as it was written last; undefined where there is none. */
export function readFigure(folder: JobFolder, lane: string): TokenFigure | undefined {
  const figures = readJson(join(folder.path, FIGURES), MAX_BYTES, z.array(TokenFigure).max(256));
  return figures?.find((figure) => figure.lane === lane);
}

function hasFigure({ origin, steps }: EvaluationLane): boolean {
  return origin.kind === 'own' && steps > 0;
}

/** Undefined where there is nothing, or not what this job would have written. */
function read(folder: JobFolder, vocab: number, names: readonly string[]) {
  try {
    const bytes = readBounded(join(folder.path, MOMENTS), 2 * MAX_BYTES);
    const from = HEADER_BYTES + bytes.readUInt32LE(0);
    const header = Header.parse(JSON.parse(bytes.subarray(HEADER_BYTES, from).toString()));
    const isOurs =
      header.vocab === vocab && header.lanes.map(({ lane }) => lane).join('\n') === names.join('\n');
    if (!isOurs) return undefined;
    let at = from;
    const moments = (length: number) => {
      at += length;
      return Moments.fromBytes(bytes.subarray(at - length, at), vocab);
    };
    const lanes = header.lanes.map(({ lane, offset, groups, bytes: [centred, massMoved] }) => ({
      lane,
      centred: moments(centred),
      massMoved: moments(massMoved),
      offset,
      groups: new Map(Object.entries(groups)),
    }));
    return { lanes, problems: header.problems };
  } catch {
    return undefined;
  }
}

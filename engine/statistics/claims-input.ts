/** What `claims` is told of a table of lanes. */

/** What a lane's delta is: its own problem's (SLOT), or the control that it stands for. */
export type ComparedKind =
  | 'own'
  | 'minus'
  | 'scaled'
  | 'centred'
  | 'given'
  | 'random'
  | 'other'
  | 'template'
  | 'mean'
  | 'temperature';

export type ControlKind = Exclude<ComparedKind, 'own'>;

/** Two lanes over the same problems. Where a problem has several samples, b and c count by its mean. */
export interface PairedTest {
  /** problems that the lane answers better than what it is compared with */
  readonly b: number;
  /** problems that it answers worse */
  readonly c: number;
  /** `mcnemar(b, c)` */
  readonly p: number;
  /** p after Holm over so many comparisons; `over` 1 and the same p where there was but one */
  readonly corrected: { readonly p: number; readonly over: number };
}

/** A lane compared with the baseline. */
export interface ComparedLane extends PairedTest {
  readonly name: string;
  readonly kind: ComparedKind;
  /** accuracy less the baseline's, as a fraction, with its 95 % interval */
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
  /** share of answers that ended at the cap of tokens, 0..1 */
  readonly capShare: number;
  /**
   * The best of so many cells: by the same problems as are reported here, or by the other half. Absent where the lane
   * was set beforehand.
   */
  readonly selected?: { readonly of: number; readonly on: 'same' | 'other-half' };
  /** of an own delta: itself (b) against each control lane (c) that was run, over the same problems */
  readonly controls?: readonly (PairedTest & { readonly name: string; readonly kind: ControlKind })[];
}

export interface ClaimsInput {
  /** problems finished in all lanes */
  readonly problems: number;
  /** problems asked for; more than `problems` while the job runs or where it was ended */
  readonly planned: number;
  /** `detectableDifference(problems)` */
  readonly detectable: number | null;
  readonly baseline: {
    readonly name: string;
    /** problems answered right; a fraction where samples are averaged */
    readonly right: number;
    readonly capShare: number;
  };
  readonly lanes: readonly ComparedLane[];
}

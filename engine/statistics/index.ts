/** What may be concluded: tests, intervals, corrections, in words. Pure functions, for any shell. */
export { mcnemar, signTest } from './binomial';
export { bootstrapMean } from './bootstrap';
export { claims } from './claims';
export type { ClaimsInput, ComparedLane, ControlKind } from './claims-input';
export { correctForVocabulary, holm } from './corrections';
export { detectableDifference } from './detectable';
export { MAX_MOMENTS_SIZE, Moments } from './moments';
export { passAt } from './pass-at';
export { type Interval, wilson } from './rates';
export { clusteredStandardError, pairedStandardError, standardError } from './standard-errors';

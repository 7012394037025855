/** What may be concluded: tests, intervals, corrections, in words. Pure functions, for any shell. */
export { mcnemar, signTest } from './binomial';
export { type BootstrapOptions, bootstrapMean, type MeanInterval } from './bootstrap';
export { claims } from './claims';
export type { ClaimsInput, ComparedKind, ComparedLane, ControlKind, PairedTest } from './claims-input';
export { correctForVocabulary, holm } from './corrections';
export { type DetectableOptions, detectableDifference } from './detectable';
export { MAX_MOMENTS_SIZE, Moments } from './moments';
export { passAt } from './pass-at';
export { type Interval, wilson } from './rates';
export { type Cluster, clusteredStandardError, pairedStandardError, standardError } from './standard-errors';

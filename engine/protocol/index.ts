/** The one contract between the engine and everything that talks to it. */
export * from './controls';
export * from './dataset';
export * from './decode-text';
export * from './errors';
export * from './evaluation';
export * from './events';
export * from './grading';
export * from './hub-address';
export * from './json';
export * from './messages';
export * from './models';
export * from './runs';
export * from './settings';
export * from './template-variables';
export * from './token-query';
export * from './visible';

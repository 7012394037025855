/** Expressions, each as a template of its own. */
export const each = (...expressions: string[]) => expressions.map((expression) => `{{ ${expression} }}`);

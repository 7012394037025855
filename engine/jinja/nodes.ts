/** The syntax tree of a template, as jinja2's `nodes.py` has it. */

export type Constant = null | boolean | bigint | number | string;

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly (readonly [name: string, value: Expression])[];
  /** `*args` */
  readonly rest: Expression | undefined;
  /** `**kwargs` */
  readonly keywordRest: Expression | undefined;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface FilterCall {
  readonly kind: 'filter';
  /** Undefined where a block's own text is filtered. */
  readonly operand: Expression | undefined;
  readonly name: string;
  readonly args: Arguments;
}

interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: Arguments;
}

export type Expression =
  | { readonly kind: 'constant'; readonly value: Constant }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'unary'; readonly operator: '+' | '-' | 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: Comparison; readonly operand: Expression }[];
    }
  | {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly object: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly bounds: readonly [
        start: Expression | undefined,
        stop: Expression | undefined,
        step: Expression | undefined,
      ];
    }
  | { readonly kind: 'test'; readonly operand: Expression; readonly name: string; readonly args: Arguments }
  | CallExpression
  | FilterCall;

/** What an assignment may write to. */
export type Target =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'namespace'; readonly name: string; readonly attribute: string }
  | { readonly kind: 'targets'; readonly items: readonly Target[] };

export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}

export type Body = readonly Statement[];

export interface ForStatement {
  readonly kind: 'for';
  readonly target: Target;
  readonly iterable: Expression;
  readonly filter: Expression | undefined;
  readonly isRecursive: boolean;
  readonly body: Body;
  readonly otherwise: Body;
}

interface MacroStatement {
  readonly kind: 'macro';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

export interface CallStatement {
  readonly kind: 'call block';
  readonly call: CallExpression;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

export interface IfStatement {
  readonly kind: 'if';
  readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
  readonly otherwise: Body;
}

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Expression }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly kind: 'set block';
      readonly target: Target;
      readonly filter: FilterCall | undefined;
      readonly body: Body;
    }
  | { readonly kind: 'filter block'; readonly filter: FilterCall; readonly body: Body }
  | {
      readonly kind: 'with';
      readonly bindings: readonly { readonly target: Target; readonly value: Expression }[];
      readonly body: Body;
    }
  /** What transformers marks as an answer's tokens; written as it is. */
  | { readonly kind: 'generation'; readonly body: Body }
  | { readonly kind: 'break' | 'continue' }
  | IfStatement
  | ForStatement
  | MacroStatement
  | CallStatement;

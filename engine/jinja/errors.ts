/** Why a template was not rendered. */

/** The template is wrong, or refuses what it was given: jinja2 would not render it either. */
export class TemplateError extends Error {}

/** jinja2 may render it, but what is named here is not known to be rendered as jinja2 does. */
export class Unsupported extends Error {
  constructor(readonly construct: string) {
    super(`${construct} is not supported`);
  }
}

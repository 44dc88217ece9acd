/** TypeScript taken apart as far as the house's rules need it. */
export interface Code {
  /** Comments blanked. */
  readonly code: string;
  /** Comments blanked, and what is in quotes as well: names and keywords alone. */
  readonly bare: string;
  /** What stood in quotes, template pieces included. */
  readonly literals: readonly string[];
  readonly imports: readonly Import[];
}

export interface Import {
  readonly from: string;
  /** `import type`: gone at run time. */
  readonly isType: boolean;
}

const TOKENS = {
  comment: /\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  quoted: /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y,
  template: /`(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y,
  templateRest: /\}(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y,
  regex: /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y,
} as const;

/** A slash after one of these begins a regular expression; elsewhere it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of))\s*$/;
const IMPORT = /\b(?:import|export)(\s+type)?\b[^;'"]*?\bfrom\s*(['"])([^'"]+)\2/g;
const IMPORT_CALL = /\bimport\s*(?:\(\s*)?(['"])([^'"]+)\1/g;

export function readCode(source: string): Code {
  let code = '';
  let bare = '';
  const literals: string[] = [];
  /** Open braces; `true` where one belongs to a template's `${`. */
  const braces: boolean[] = [];
  let at = 0;

  const match = (kind: keyof typeof TOKENS): string | undefined => {
    const pattern = TOKENS[kind];
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const take = (token: string, isComment: boolean) => {
    code += isComment ? blank(token) : token;
    bare += blank(token);
    at += token.length;
  };
  const takeLiteral = (token: string) => {
    literals.push(token.replace(/^['"`}]|(?:['"`]|\$\{)$/g, ''));
    if (token.endsWith('${')) braces.push(true);
    take(token, false);
  };

  while (at < source.length) {
    const comment = match('comment');
    if (comment !== undefined) {
      take(comment, true);
      continue;
    }
    if (source[at] === '}' && braces.pop() === true) {
      takeLiteral(match('templateRest') ?? '}');
      continue;
    }
    const literal = match('quoted') ?? match('template');
    if (literal !== undefined) {
      takeLiteral(literal);
      continue;
    }
    const regex = BEFORE_REGEX.test(bare.slice(-40)) ? match('regex') : undefined;
    if (regex !== undefined) {
      take(regex, false);
      continue;
    }
    if (source[at] === '{') braces.push(false);
    code += source[at];
    bare += source[at];
    at += 1;
  }
  return { code, bare, literals, imports: importsIn(code) };
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

function importsIn(code: string): Import[] {
  return [
    ...[...code.matchAll(IMPORT)].map(([, type, , from = '']) => ({ from, isType: type !== undefined })),
    ...[...code.matchAll(IMPORT_CALL)].map(([, , from = '']) => ({ from, isType: false })),
  ];
}

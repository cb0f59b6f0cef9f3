import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ts from 'typescript';

/** Root folder of the checkout. */
export const root = join(__dirname, '..', '..');

/** A fenced code block of a document. */
export interface Snippet {
  /** Path of the document, relative to the root folder. */
  readonly file: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  /** Words after the language on the opening fence: `test`, `setup`, `output`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Reason in the comment `<!-- not run: … -->` right before the block. */
  readonly notRun?: string;
}

/** Paths of README.md and of every Markdown file in docs/, relative to the root folder. */
export function documents(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', ...inDocs.map((name) => `docs/${name.split(sep).join('/')}`)]
    .filter((name) => name.endsWith('.md'))
    .sort();
}

const FENCE = /^(\s*)(`{3,})\s*(\S*)\s*(.*)$/;

/** The fenced blocks of a document, from top to bottom. @throws Error if a block has no closing fence */
export function snippetsOf(file: string): Snippet[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const snippets: Snippet[] = [];
  for (let opening = 0; opening < lines.length; opening += 1) {
    const match = FENCE.exec(lines[opening] ?? '');
    if (match === null) continue;
    const [, indent = '', fence = '', language = '', marks = ''] = match;
    const closing = lines.findIndex((line, index) => index > opening && line.trim() === fence);
    if (closing < 0) throw new Error(`${file}:${String(opening + 1)}: this block has no closing fence`);
    const notRun = notRunReason(lines, opening);
    snippets.push({
      file,
      line: opening + 1,
      language,
      marks: marks.split(' ').filter((mark) => mark !== ''),
      text: lines
        .slice(opening + 1, closing)
        .map((line) => line.slice(indent.length))
        .join('\n'),
      ...(notRun !== undefined && { notRun }),
    });
    opening = closing;
  }
  return snippets;
}

export const placeOf = ({ file, line }: Snippet): string => `${file}:${String(line)}`;

/** The reason in a comment `<!-- not run: … -->` of up to six lines that ends right before the opening fence. */
function notRunReason(lines: readonly string[], opening: number): string | undefined {
  const before = lines.slice(Math.max(0, opening - 6), opening).join('\n');
  return /<!--\s*not run:\s*([^>]*?)\s*-->\s*$/.exec(before)?.[1]?.replaceAll(/\s+/g, ' ');
}

/**
 * Compiler errors of TypeScript blocks as `file:line: message`. Each block is compiled as a module in the folder of its
 * document, with the compiler settings of the checkout; unused names are allowed.
 */
export function compilerErrors(snippets: readonly Snippet[]): string[] {
  const files = new Map(
    snippets.map((snippet) => [join(root, dirname(snippet.file), `snippet-${slug(snippet)}.ts`), snippet]),
  );
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
    root,
  );
  const host = ts.createCompilerHost(options, true);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? readFile(path);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, snippet]) => {
    const source = program.getSourceFile(path);
    if (source === undefined) throw new Error(`${path} is not part of the program`);
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return diagnostics.map(({ start, messageText }) => {
      const line = snippet.line + 1 + source.getLineAndCharacterOfPosition(start ?? 0).line;
      return `${snippet.file}:${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

const slug = ({ file, line }: Snippet): string => `${file.replaceAll(/[^a-z0-9]+/gi, '-')}-${String(line)}`;

/**
 * Whether an output matches the output that a document prints. `…` in the document matches any text, and the amount of
 * white space between words is ignored. A block of JSON is compared as JSON: a value `"…"` matches any value, and a
 * member named `"…"` allows members that the document does not print.
 */
export function matchesPrinted({ language, text }: Snippet, output: string): boolean {
  if (language === 'json') {
    try {
      return matchesJson(JSON.parse(text), JSON.parse(output));
    } catch {
      return false;
    }
  }
  return patternOf(withSingleSpaces(text)).test(withSingleSpaces(output));
}

const withSingleSpaces = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** A pattern for the whole text, in which `…` matches any text. */
const patternOf = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[\\s\\S]*?')}$`);

function matchesJson(printed: unknown, actual: unknown): boolean {
  if (typeof printed === 'string')
    return printed === '…' || (typeof actual === 'string' && patternOf(printed).test(actual));
  if (typeof printed !== 'object' || printed === null || typeof actual !== 'object' || actual === null)
    return printed === actual;
  if (Array.isArray(printed) || Array.isArray(actual))
    return (
      Array.isArray(printed) &&
      Array.isArray(actual) &&
      printed.length === actual.length &&
      printed.every((item, index) => matchesJson(item, actual[index]))
    );
  const { '…': allowsMore, ...printedMembers } = printed as Record<string, unknown>;
  const actualMembers = actual as Record<string, unknown>;
  return (
    Object.entries(printedMembers).every(
      ([name, value]) => name in actualMembers && matchesJson(value, actualMembers[name]),
    ) &&
    (allowsMore !== undefined || Object.keys(actualMembers).every((name) => name in printedMembers))
  );
}

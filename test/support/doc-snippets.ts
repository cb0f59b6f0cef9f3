import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ts from 'typescript';

export const root = join(__dirname, '..', '..');

/** A fenced block of one of our documents. */
export interface Snippet {
  /** Relative to the checkout. */
  readonly file: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** Words after the language: `test`, `setup`, `output`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Reason of the comment `<!-- not run: … -->` right before it. */
  readonly notRun?: string;
}

/** README.md and everything in docs/. */
export function documents(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', ...inDocs.map((name) => `docs/${name.split(sep).join('/')}`)]
    .filter((name) => name.endsWith('.md'))
    .sort();
}

const FENCE = /^(\s*)(`{3,})\s*(\S*)\s*(.*)$/;

/** The fenced blocks of a document in their order. @throws Error when a fence is never closed */
export function snippetsOf(file: string): Snippet[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const found: Snippet[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const opening = FENCE.exec(lines[at] ?? '');
    if (opening === null) continue;
    const [, indent = '', fence = '', language = '', marks = ''] = opening;
    const closing = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (closing < 0) throw new Error(`${file}:${String(at + 1)}: this block is never closed`);
    const notRun = commentBefore(lines, at);
    found.push({
      file,
      line: at + 1,
      language,
      marks: marks.split(' ').filter((mark) => mark !== ''),
      text: lines
        .slice(at + 1, closing)
        .map((line) => line.slice(indent.length))
        .join('\n'),
      ...(notRun !== undefined && { notRun }),
    });
    at = closing;
  }
  return found;
}

export const placeOf = ({ file, line }: Snippet): string => `${file}:${String(line)}`;

function commentBefore(lines: readonly string[], at: number): string | undefined {
  const before = lines.slice(Math.max(0, at - 6), at).join('\n');
  return /<!--\s*not run:\s*([^>]*?)\s*-->\s*$/.exec(before)?.[1]?.replaceAll(/\s+/g, ' ');
}

/** What the compiler says of TypeScript blocks, each a module beside its document; by the settings of the checkout. */
export function compilerComplaints(snippets: readonly Snippet[]): string[] {
  const files = new Map(snippets.map((one) => [join(root, dirname(one.file), `snippet-${slug(one)}.ts`), one]));
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
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((one) => {
      const line = snippet.line + 1 + source.getLineAndCharacterOfPosition(one.start ?? 0).line;
      return `${snippet.file}:${String(line)}: ${ts.flattenDiagnosticMessageText(one.messageText, '\n')}`;
    });
  });
}

const slug = ({ file, line }: Snippet): string => `${file.replaceAll(/[^a-z0-9]+/gi, '-')}-${String(line)}`;

/**
 * Whether an output is as a document prints it: `…` stands for anything, and how much blank space there is between
 * words does not matter. JSON is compared as JSON: a text `"…"` stands for any value, a member `"…"` for any further members.
 */
export function asPrinted({ language, text }: Snippet, said: string): boolean {
  if (language === 'json') {
    try {
      return sameJson(JSON.parse(text), JSON.parse(said));
    } catch {
      return false;
    }
  }
  return patternOf(trimmed(text)).test(trimmed(said));
}

const trimmed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const patternOf = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[\\s\\S]*?')}$`);

function sameJson(printed: unknown, said: unknown): boolean {
  if (typeof printed === 'string')
    return printed === '…' || (typeof said === 'string' && patternOf(printed).test(said));
  if (typeof printed !== 'object' || printed === null || typeof said !== 'object' || said === null)
    return printed === said;
  if (Array.isArray(printed) || Array.isArray(said))
    return (
      Array.isArray(printed) &&
      Array.isArray(said) &&
      printed.length === said.length &&
      printed.every((item, index) => sameJson(item, said[index]))
    );
  const { '…': more, ...members } = printed as Record<string, unknown>;
  const found = said as Record<string, unknown>;
  return (
    Object.entries(members).every(([name, value]) => name in found && sameJson(value, found[name])) &&
    (more !== undefined || Object.keys(found).every((name) => name in members))
  );
}

import { Option } from 'commander';
import { LANGUAGES, type Language } from '../platform/language.js';

/** The option `--language`; when absent, the language of the environment. */
export const languageOption = (): Option =>
  new Option('--language <language>', 'language of the words for stages, statuses and outcomes')
    .choices(LANGUAGES)
    .default(environmentLanguage(process.env), 'that of LC_ALL, LC_MESSAGES or LANG');

/** The language of the messages in a POSIX environment; English if it is none of ours. */
export function environmentLanguage(environment: NodeJS.ProcessEnv): Language {
  const locale = [environment.LC_ALL, environment.LC_MESSAGES, environment.LANG].find(Boolean) ?? '';
  return /^zh([_.@-]|$)/i.test(locale) ? 'zh' : 'en';
}

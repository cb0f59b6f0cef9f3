import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { IncomingHttpHeaders } from 'node:http';

import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from '../language.js';

/**
 * The language that the header Accept-Language prefers (RFC 9110, section 12.5.4): `zh-Hans-CN` means zh. Without the
 * header, or if it names none of our languages, it is the default.
 */
export function acceptedLanguage(headers: IncomingHttpHeaders): Language {
  const preferred = new Negotiator({ headers }).language([...LANGUAGES]);
  return LANGUAGES.find((language) => language === preferred) ?? DEFAULT_LANGUAGE;
}

/** The headers of an answer whose words are in a language that the request chose. */
export const languageHeaders = (language: Language): Readonly<Record<string, string>> => ({
  'content-language': language,
  vary: 'Accept-Language',
});

/** The language of the request; the answer gets its headers. */
export function languageOf(request: FastifyRequest, reply: FastifyReply): Language {
  const language = acceptedLanguage(request.headers);
  reply.headers(languageHeaders(language));
  return language;
}

/** Describes the header that chooses the language of these fields of the answer. */
export const AcceptLanguage = (fields: string): MethodDecorator =>
  ApiHeader({
    name: 'Accept-Language',
    required: false,
    description: `Language of ${fields}: zh or en (default)`,
    schema: { type: 'string' },
    example: 'zh',
  });

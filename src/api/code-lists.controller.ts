import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Text } from '../platform/fields.js';
import { acceptedLanguage, languageHeaders } from '../platform/http/accepted-language.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { CodeLists } from './answers/code-lists.js';
import { codeLists } from './code-lists/code-lists.js';

export class CodeListParameters {
  @Text({ max: 50, optional: true, description: 'Only the list with this name, such as Channel' })
  readonly name?: string;
}

/** The words for all codes, so that a client need not translate them itself. */
@Controller('v1/code-lists')
export class CodeListsController {
  @Get()
  @Describe({
    id: 'codeLists',
    summary:
      'List the codes of stages, statuses, channels, errors and all other lists, with their labels in a language',
    tag: 'queries',
    query: CodeListParameters,
  })
  @ApiHeader({
    name: 'Accept-Language',
    required: false,
    description: 'Language of the labels: zh or en (default)',
    schema: { type: 'string' },
    example: 'zh',
  })
  @Answer(200, CodeLists, { description: 'The lists; none if no list has the name' })
  lists(
    @Query(new QueryPipe(CodeListParameters)) { name }: CodeListParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): CodeLists {
    const language = acceptedLanguage(request.headers);
    reply.headers(languageHeaders(language));
    return { lists: codeLists(language).filter((list) => name === undefined || list.name === name) };
  }
}

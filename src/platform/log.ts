import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Structured lines on standard output. They contain no bodies, no queries and no personal data. */
export const createLog = (level: LogLevel): Logger => pino({ level, base: null });

/** Writes Nest's own messages to the same log, its startup messages on level `debug`. */
export function nestLog(log: Logger): LoggerService {
  const lines =
    (level: 'error' | 'warn' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]) => {
      log[level]({ context: rest.at(-1) }, String(message));
    };
  return {
    log: lines('debug'),
    error: lines('error'),
    warn: lines('warn'),
    debug: lines('debug'),
    verbose: lines('trace'),
    fatal: lines('error'),
  };
}

/** Text of an unexpected error for the log. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
